internal import StoaBase
package import StoaModel

/// Finds what a filter says about single columns, so that blocks can be skipped by their
/// statistics. A row that passes the filter passes every predicate; the reverse need not hold.
///
/// Understood are comparisons of a column with a constant, IN, LIKE with a prefix, IS NULL, and
/// AND, OR and NOT of these: of an OR the hull of both sides remains.
package enum ScanPredicates {
    /// The predicates of `filter`, an expression over `columns`, at most two for one column.
    package static func extract(
        from filter: BoundExpression, columns: [ColumnDefinition]
    ) -> [ScanPredicate] {
        let walk = PredicateWalk(columns: columns)
        let known = walk.knowledge(filter, isNegated: false)
        return known.sorted { $0.key < $1.key }.flatMap { index, domain in
            domain.tests.map { ScanPredicate(columnID: columns[index].id, test: $0) }
        }
    }
}

extension SelectPlan {
    /// What the filter says about single columns of the table.
    package var scanPredicates: [ScanPredicate] {
        guard let table, let filter else { return [] }
        return ScanPredicates.extract(from: filter, columns: scanColumns.map { table.columns[$0] })
    }
}
