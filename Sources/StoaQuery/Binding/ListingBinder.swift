internal import StoaModel

/// Binds statements whose answer needs no row of a table.
enum ListingBinder {
    static func bind(
        _ listing: ListingSyntax, of statement: Statement, catalog: Catalog, context: BindContext
    ) throws(QueryError) -> Listing {
        switch listing {
        case .nothing: return .nothing
        case .databases: return .databases
        case .schemas: return .schemas
        case .functions: return .functions
        case .createTable(let name):
            let table = try TableScope.table(name, in: catalog)
            try TableScope.checkChangeable(name)
            return .createTable(table)
        case .query(let select):
            return .outputs(
                try SelectBinder.bind(select, of: statement, catalog: catalog, context: context))
        case .values(let rows):
            return .values(try values(rows, ExpressionBinder(statement, context)))
        }
    }

    /// Columns `col0`, `col1`, …, each of the one type that its values have in common.
    private static func values(
        _ rows: [InsertSyntax.Row], _ binder: ExpressionBinder
    ) throws(QueryError) -> [ColumnBuilder] {
        var binder = binder
        let width = rows.first?.values.count ?? 0
        var cells = [[BoundExpression]](repeating: [], count: width)
        for row in rows {
            guard row.values.count == width else {
                throw QueryError(
                    .syntaxError, "Rows of VALUES have as many values as the first, \(width).",
                    position: row.position)
            }
            for (index, value) in row.values.enumerated() {
                cells[index].append(try binder.bind(value, in: .values))
            }
        }
        var columns: [ColumnBuilder] = []
        for (index, column) in cells.enumerated() {
            let (values, type) = try binder.unified(column, of: "VALUES")
            var builder = ColumnBuilder(name: "col\(index)", type: type)
            for value in values { builder.append(try binder.constantValue(value)) }
            columns.append(builder)
        }
        return columns
    }
}

extension ExpressionBinder {
    /// The value of an expression of VALUES, which has no row to look at.
    func constantValue(_ bound: BoundExpression) throws(QueryError) -> Literal {
        switch bound.node {
        case .literal(let value): return value
        case .cast(let operand) where operand.literal == .null: return .null
        default:
            // Whatever could be computed is a constant by now.
            throw QueryError(
                context.fold == nil ? .notSupported : .invalidValue,
                context.fold == nil
                    ? "VALUES takes constants only."
                    : "The value cannot be computed: it leaves its type, or divides by zero.",
                position: bound.position,
                hint: context.fold == nil ? "Compute the value in the client." : nil)
        }
    }
}
