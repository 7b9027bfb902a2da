internal import StoaBase
internal import StoaModel

/// Finds tables and columns by the names of a statement.
enum TableScope {
    /// The table called `name`, or an error with the nearest name there is.
    static func table(
        _ name: QualifiedName, in catalog: Catalog
    ) throws(QueryError) -> TableDefinition {
        if let table = try find(name, in: catalog) { return table }
        let all = virtualTables(name, catalog) ?? catalog.tables
        let near = Suggestion.nearest(to: name.name.text, among: all.map(\.name))
        throw QueryError(
            .unknownTable, "There is no table \"\(name.name.text)\".", position: name.position,
            hint: near.map { "Did you mean \"\($0)\"?" }
                ?? (all.isEmpty ? "There is no table yet." : nil))
    }

    /// The table called `name`, if there is one.
    static func find(
        _ name: QualifiedName, in catalog: Catalog
    ) throws(QueryError) -> TableDefinition? {
        let identifier = name.name
        if let tables = virtualTables(name, catalog) {
            return tables.first { identifier.matches($0.name) }
        }
        try checkSchema(name)
        return catalog.tables.first { $0.name == identifier.text }
            ?? catalog.tables.first { identifier.matches($0.name) }
    }

    /// The tables of a schema that only shows the database's state; nil for all other schemas.
    private static func virtualTables(
        _ name: QualifiedName, _ catalog: Catalog
    ) -> [TableDefinition]? {
        if name.schema?.isWord("system") ?? false { return catalog.systemTables }
        return name.isSystem ? catalog.informationTables : nil
    }

    /// Refuses the tables that only show the state of the database.
    static func checkChangeable(_ name: QualifiedName) throws(QueryError) {
        guard name.isSystem else { return }
        throw QueryError(
            .notSupported,
            "Tables of the schema \"\(name.schema?.folded ?? "")\" can only be read.",
            position: name.position)
    }

    /// There is one schema, and it need not be named.
    static func checkSchema(_ name: QualifiedName) throws(QueryError) {
        guard let schema = name.schema, !schema.isWord("public") else { return }
        throw QueryError(
            .unknownTable, "There is no schema \"\(schema.text)\".", position: schema.position,
            hint: "All tables are in the schema \"public\", which need not be named.")
    }

    /// The position of the column called `name` among `columns`.
    static func column(_ name: Identifier, in columns: [ColumnDefinition]) -> Int? {
        columns.firstIndex { $0.name == name.text }
            ?? columns.firstIndex { name.matches($0.name) }
    }

    /// The error for a column that is not there.
    static func unknownColumn(
        _ name: Identifier, table: TableDefinition, aliases: [String] = []
    ) -> QueryError {
        let known = table.columns.map(\.name) + aliases
        let near = Suggestion.nearest(to: name.text, among: known)
        let list = known.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ")
        return QueryError(
            .unknownColumn, "There is no column \"\(name.text)\" in table \"\(table.name)\".",
            position: name.position,
            hint: near.map { "Did you mean \"\($0)\"?" }
                ?? "The columns are \(list)\(known.count > 12 ? ", …" : "").")
    }
}

extension QualifiedName {
    /// Whether it names a table that shows the state of the database.
    var isSystem: Bool {
        schema.map { $0.isWord("system") || $0.isWord("information_schema") } ?? false
    }
}
