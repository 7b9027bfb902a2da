internal import StoaBase
internal import StoaModel

/// Changes of the columns of a table that is there.
enum TableChangeBinder {
    static func bind(
        _ change: ColumnChangeSyntax, of name: QualifiedName, catalog: Catalog
    ) throws(QueryError) -> BoundStatement {
        let table = try TableScope.table(name, in: catalog)
        switch change {
        case .add(let column, let ifNotExists):
            return try add(column, ifNotExists: ifNotExists, to: table)
        case .drop(let column, let ifExists):
            return try drop(column, ifExists: ifExists, of: table)
        case .rename(let column, let newName):
            let id = try definition(column, of: table).id
            let holder = table.columns.first { Names.isEqual($0.name, newName.text) }
            guard holder == nil || holder?.id == id else { throw columnExists(newName) }
            return .changeColumn(id: table.id, .rename(columnID: id, newName: newName.text))
        }
    }

    private static func add(
        _ column: CreateTableSyntax.Column, ifNotExists: Bool, to table: TableDefinition
    ) throws(QueryError) -> BoundStatement {
        let name = column.name
        if table.columns.contains(where: { Names.isEqual($0.name, name.text) }), !ifNotExists {
            throw columnExists(name)
        }
        guard column.isNullable else {
            throw QueryError(
                .notSupported, "A column that is added cannot be NOT NULL.",
                position: name.position,
                hint: "The rows that are there have no value for it; they read as NULL.")
        }
        try Binder.checkStorable(column)
        guard table.columns.count < Limits.columnCountLimit else {
            throw QueryError(
                .queryTooLarge, "A table has at most \(Limits.columnCountLimit) columns.",
                position: name.position)
        }
        let added = CreateTable.Column(name: name.text, type: column.type, isNullable: true)
        return .changeColumn(id: table.id, .add(added, ifNotExists: ifNotExists))
    }

    private static func drop(
        _ name: Identifier, ifExists: Bool, of table: TableDefinition
    ) throws(QueryError) -> BoundStatement {
        if ifExists, TableScope.column(name, in: table.columns) == nil {
            return .dropNothing(name: name.text)
        }
        let column = try definition(name, of: table)
        func refused(_ reason: String) -> QueryError {
            QueryError(
                .notSupported, "Column \"\(column.name)\" \(reason).", position: name.position)
        }
        guard table.columns.count > 1 else {
            throw refused("is the last one, and a table has at least one")
        }
        guard table.timeColumnID != column.id else {
            throw refused("is the time column of its table")
        }
        guard !table.sortColumnIDs.contains(column.id) else {
            throw refused("is one that the table's rows are sorted by")
        }
        return .changeColumn(id: table.id, .drop(columnID: column.id))
    }

    private static func definition(
        _ name: Identifier, of table: TableDefinition
    ) throws(QueryError) -> ColumnDefinition {
        guard let index = TableScope.column(name, in: table.columns) else {
            throw TableScope.unknownColumn(name, table: table)
        }
        return table.columns[index]
    }

    private static func columnExists(_ name: Identifier) -> QueryError {
        QueryError(
            .duplicateColumn, "There is a column \"\(name.text)\" already.",
            position: name.position, hint: "Names are unique without regard to case.")
    }
}
