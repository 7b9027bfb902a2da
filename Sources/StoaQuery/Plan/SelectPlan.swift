package import StoaModel

/// A SELECT, ready to run: scan, filter, then rows or groups, then sort and cut.
package struct SelectPlan: Equatable, Sendable {
    /// What happens between the filter and the outputs.
    package enum Stage: Equatable, Sendable {
        /// Outputs and sort keys are over the scan columns.
        case rows
        /// Outputs and sort keys are over the keys, then the aggregates: `column(i)` is key `i`
        /// below `keys.count`, else aggregate `i - keys.count`. Keys and arguments are over the
        /// scan columns. Without keys there is one group, also of no rows.
        case aggregate(keys: [BoundExpression], aggregates: [AggregateCall])
    }

    /// One column of the result.
    package struct OutputColumn: Equatable, Sendable {
        package let name: String
        package let expression: BoundExpression

        package init(name: String, expression: BoundExpression) {
            self.name = name
            self.expression = expression
        }

        package var type: ColumnType { expression.type }
    }

    /// One key of ORDER BY.
    package struct SortKey: Equatable, Sendable {
        package let expression: BoundExpression
        package let isDescending: Bool
        /// NULLS LAST unless written otherwise, for both directions.
        package let isNullsFirst: Bool

        package init(expression: BoundExpression, isDescending: Bool, isNullsFirst: Bool) {
            self.expression = expression
            self.isDescending = isDescending
            self.isNullsFirst = isNullsFirst
        }
    }

    /// Nil without FROM: one row of no columns.
    package var table: TableDefinition?
    /// Positions in `table.columns` that are read, each once; `column(i)` of an expression over
    /// the scan columns is `table.columns[scanColumns[i]]`.
    package var scanColumns: [Int]
    /// BOOL over the scan columns; a row stays when it is TRUE.
    package var filter: BoundExpression?
    package var stage: Stage
    /// BOOL over the keys and aggregates; a group stays when it is TRUE.
    package var having: BoundExpression?
    package var outputs: [OutputColumn]
    package var sortKeys: [SortKey]
    /// Whether of rows that are equal in all outputs only the first is wanted; all outputs are
    /// among the sort keys then.
    package var isDistinct: Bool
    package var limit: Int?
    package var offset: Int

    package init(
        table: TableDefinition?, scanColumns: [Int], stage: Stage, outputs: [OutputColumn]
    ) {
        self.table = table
        self.scanColumns = scanColumns
        self.stage = stage
        self.outputs = outputs
        filter = nil
        having = nil
        sortKeys = []
        isDistinct = false
        limit = nil
        offset = 0
    }
}

extension SelectPlan {
    /// Whether only the rows of a table are counted, all of them: what a snapshot knows.
    package var countsRowsOnly: Bool {
        guard table != nil, filter == nil, case .aggregate(let keys, let aggregates) = stage
        else { return false }
        return keys.isEmpty && aggregates.allSatisfy { $0.argument == nil && $0.filter == nil }
    }
}
