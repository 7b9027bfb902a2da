package import StoaModel

/// Looks up a statement's names in a catalog and decides every type.
package enum Binder {
    /// The statement against `catalog`.
    package static func bind(
        _ statement: Statement, catalog: Catalog
    ) throws(QueryError) -> BoundStatement {
        switch statement.kind {
        case .showTables: return .showTables
        default: throw QueryError(.notSupported, "The statement is not supported.")
        }
    }
}
