internal import StoaBase
package import StoaModel

/// Looks up a statement's names in a catalog and decides every type.
package enum Binder {
    /// The statement against `catalog`.
    ///
    /// *Throws* what is wrong with the first clause that is wrong, with its place in the text.
    package static func bind(
        _ statement: Statement, catalog: Catalog, context: BindContext = BindContext()
    ) throws(QueryError) -> BoundStatement {
        try context.check(statement)
        if let name = statement.changedTable { try TableScope.checkChangeable(name) }
        switch statement.kind {
        case .explain(let select, let isAnalyze):
            let plan = try SelectBinder.bind(
                select, of: statement, catalog: catalog, context: context)
            return .explain(plan, isAnalyze: isAnalyze)
        case .kill(let queryID): return .kill(queryID: queryID)
        case .set(let setting):
            return .set(
                SettingChange(
                    name: setting.name?.text, namePosition: setting.name?.position ?? 0..<0,
                    value: setting.value, valuePosition: setting.position))
        case .showSetting(let name):
            return .showSetting(name: name.text, position: name.position)
        case .showSettings: return .showSettings
        case .select(let select):
            return .select(
                try SelectBinder.bind(select, of: statement, catalog: catalog, context: context))
        case .createTable(let create):
            return .createTable(try createTable(create, catalog))
        case .dropTable(let name, let ifExists):
            if ifExists, try TableScope.find(name, in: catalog) == nil {
                return .dropNothing(name: name.name.text)
            }
            let table = try TableScope.table(name, in: catalog)
            return .dropTable(id: table.id, name: table.name)
        case .renameTable(let name, let newName):
            return try renameTable(name, newName, catalog)
        case .changeColumn(let name, let change):
            return try TableChangeBinder.bind(change, of: name, catalog: catalog)
        case .truncate(let name):
            return .truncate(id: try TableScope.table(name, in: catalog).id)
        case .dropDamagedRows(let name):
            return .dropDamagedRows(id: try TableScope.table(name, in: catalog).id)
        case .flush: return .flush
        case .showTables: return .showTables
        case .listing(let listing):
            return .listing(
                try ListingBinder.bind(listing, of: statement, catalog: catalog, context: context))
        case .describe(let name): return .describe(try TableScope.table(name, in: catalog))
        case .insert(let insert):
            return .insert(
                try InsertBinder.bind(insert, of: statement, catalog: catalog, context: context))
        }
    }

    private static func renameTable(
        _ name: QualifiedName, _ newName: Identifier, _ catalog: Catalog
    ) throws(QueryError) -> BoundStatement {
        let table = try TableScope.table(name, in: catalog)
        let holder = catalog.tables.first { Names.isEqual($0.name, newName.text) }
        guard holder == nil || holder?.id == table.id else {
            throw tableExists(newName)
        }
        return .renameTable(id: table.id, newName: newName.text)
    }

    private static func tableExists(_ name: Identifier) -> QueryError {
        QueryError(
            .tableExists, "There is a table \"\(name.text)\" already.", position: name.position,
            hint: "Names are unique without regard to case.")
    }

    private static func createTable(
        _ create: CreateTableSyntax, _ catalog: Catalog
    ) throws(QueryError) -> CreateTable {
        try TableScope.checkSchema(create.name)
        let name = create.name.name
        let exists = catalog.tables.contains { Names.isEqual($0.name, name.text) }
        if exists, !create.ifNotExists { throw tableExists(name) }
        guard create.columns.count <= Limits.columnCountLimit else {
            throw QueryError(
                .queryTooLarge, "A table has at most \(Limits.columnCountLimit) columns.",
                position: name.position)
        }
        var known: Set<String> = []
        for column in create.columns {
            guard known.insert(column.name.folded).inserted else {
                throw QueryError(
                    .duplicateColumn, "Column \"\(column.name.text)\" is there twice.",
                    position: column.name.position,
                    hint: "Names are unique without regard to case.")
            }
            try checkStorable(column)
        }
        return CreateTable(
            name: name.text,
            columns: create.columns.map {
                CreateTable.Column(name: $0.name.text, type: $0.type, isNullable: $0.isNullable)
            },
            timeColumn: try create.timeColumn.map { name throws(QueryError) -> String in
                try timeColumn(name, create)
            },
            sortColumns: try sortColumns(create),
            ifNotExists: create.ifNotExists)
    }

    /// Refuses types that only results have.
    static func checkStorable(_ column: CreateTableSyntax.Column) throws(QueryError) {
        guard column.type.isStorable else {
            throw QueryError(
                .notSupported,
                "A column of more than \(ColumnType.storedPrecisionLimit) digits is not "
                    + "supported.", position: column.typePosition,
                hint: "Results may have 38 digits; columns hold DECIMAL up to 18.")
        }
    }

    private static func timeColumn(
        _ name: Identifier, _ create: CreateTableSyntax
    ) throws(QueryError) -> String {
        let found = try column(name, create)
        guard found.type.isTime else {
            throw QueryError(
                .typeMismatch, "The time column must be TIMESTAMP or DATE, not \(found.type).",
                position: name.position)
        }
        return found.name.text
    }

    private static func sortColumns(_ create: CreateTableSyntax) throws(QueryError) -> [String] {
        var names: [String] = []
        for name in create.sortColumns {
            let found = try column(name, create).name.text
            guard !names.contains(found) else {
                throw QueryError(
                    .duplicateColumn, "Column \"\(found)\" is there twice.",
                    position: name.position)
            }
            names.append(found)
        }
        return names
    }

    /// A column of the table that is to be made.
    private static func column(
        _ name: Identifier, _ create: CreateTableSyntax
    ) throws(QueryError) -> CreateTableSyntax.Column {
        let found =
            create.columns.first { $0.name.text == name.text }
            ?? create.columns.first { name.matches($0.name.text) }
        guard let found else {
            let near = Suggestion.nearest(to: name.text, among: create.columns.map(\.name.text))
            throw QueryError(
                .unknownColumn, "There is no column \"\(name.text)\" in this table.",
                position: name.position, hint: near.map { "Did you mean \"\($0)\"?" })
        }
        return found
    }
}
