internal import StoaBase
internal import StoaModel

/// Turns the rows of VALUES into a batch of the table's types.
struct InsertBinder {
    private let table: TableDefinition
    private var binder: ExpressionBinder
    /// For each column of the table its place in a row of VALUES; nil: left out.
    private let places: [Int?]
    private var builders: [ColumnBuilder]

    static func bind(
        _ insert: InsertSyntax, of statement: Statement, catalog: Catalog, context: BindContext
    ) throws(QueryError) -> InsertPlan {
        let table = try TableScope.table(insert.table, in: catalog)
        var binder = InsertBinder(
            table, places: try places(insert, table), ExpressionBinder(statement, context))
        return InsertPlan(table: table, batch: try binder.batch(insert))
    }

    private init(_ table: TableDefinition, places: [Int?], _ binder: ExpressionBinder) {
        self.table = table
        self.places = places
        self.binder = binder
        builders = table.columns.map { ColumnBuilder(name: $0.name, type: $0.type) }
    }

    private static func places(
        _ insert: InsertSyntax, _ table: TableDefinition
    ) throws(QueryError) -> [Int?] {
        guard let names = insert.columns else { return Array(table.columns.indices) }
        var places = [Int?](repeating: nil, count: table.columns.count)
        for (place, name) in names.enumerated() {
            guard let index = TableScope.column(name, in: table.columns) else {
                throw TableScope.unknownColumn(name, table: table)
            }
            guard places[index] == nil else {
                throw QueryError(
                    .duplicateColumn, "Column \"\(name.text)\" is named twice.",
                    position: name.position)
            }
            places[index] = place
        }
        return places
    }

    private mutating func batch(_ insert: InsertSyntax) throws(QueryError) -> RowBatch {
        let expectedCount = insert.columns?.count ?? table.columns.count
        for (rowIndex, row) in insert.rows.enumerated() {
            try binder.context.checkStop()
            guard row.values.count == expectedCount else {
                throw QueryError(
                    .syntaxError,
                    "Row \(rowIndex + 1) has \(row.values.count) values where \(expectedCount) "
                        + "are needed.", position: row.position)
            }
            for (index, column) in table.columns.enumerated() {
                let value = try value(of: column, at: places[index], in: row, rowIndex)
                builders[index].append(value)
            }
        }
        do {
            return try RowBatch.decode(Bytes(RowBatch.encode(builders)))
        } catch {
            throw QueryError(.badBatch, "The rows do not fit one batch.")
        }
    }

    /// The constant for one column of one row, as the column's type.
    private mutating func value(
        of column: ColumnDefinition, at place: Int?, in row: InsertSyntax.Row, _ rowIndex: Int
    ) throws(QueryError) -> Literal {
        var value = Literal.null
        var position = row.position
        if let place {
            let syntax = row.values[place]
            position = syntax.position
            let bound = try binder.bind(syntax, in: .values)
            value = try binder.constantValue(bound)
            do throws(CastFailure) {
                value = try LiteralCast.assign(value, from: bound.type, to: column.type)
            } catch {
                throw ExpressionBinder.error(
                    error, from: bound.type, to: column.type, position: position,
                    place: "Row \(rowIndex + 1), column \"\(column.name)\": ")
            }
        }
        guard value != .null || column.isNullable else {
            throw QueryError(
                .notNullViolation,
                "Row \(rowIndex + 1), column \"\(column.name)\": NULL where the column is NOT "
                    + "NULL.", position: position)
        }
        return value
    }
}
