package import StoaModel

/// A statement whose names are resolved against one catalog.
package enum BoundStatement: Sendable {
    case select(SelectPlan)
    /// How a query would run, or how it did.
    case explain(SelectPlan, isAnalyze: Bool)
    case createTable(CreateTable)
    case dropTable(id: TableID, name: String)
    /// `DROP … IF EXISTS` of a table or column that does not exist.
    case dropNothing(name: String)
    case renameTable(id: TableID, newName: String)
    case changeColumn(id: TableID, ColumnChange)
    /// Takes all rows of a table away.
    case truncate(id: TableID)
    /// Gives up the rows of a table that cannot be read any more.
    case dropDamagedRows(id: TableID)
    /// Makes segments of all rows that are in none.
    case flush
    case showTables
    case describe(TableDefinition)
    case insert(InsertPlan)
    /// Ends a running query.
    case kill(queryID: UInt64)
    case set(SettingChange)
    /// The value of one setting.
    case showSetting(name: String, position: Range<Int>)
    case showSettings
    case listing(Listing)
}

/// An answer that needs no row of a table.
package enum Listing: Sendable {
    case nothing
    case databases, schemas, functions
    /// The statement that makes the table.
    case createTable(TableDefinition)
    /// The columns that a query gives.
    case outputs(SelectPlan)
    /// The rows themselves.
    case values([ColumnBuilder])
}

/// A setting of the session that takes a value. Which settings there are is not the binder's.
package struct SettingChange: Equatable, Sendable {
    /// As it is written; nil: all settings go back to what holds when nobody says.
    package let name: String?
    package let namePosition: Range<Int>
    /// Nil: what holds when nobody says.
    package let value: String?
    package let valuePosition: Range<Int>
}

/// A table to create; who runs it gives the ids.
package struct CreateTable: Equatable, Sendable {
    /// One column, without its id.
    package struct Column: Equatable, Sendable {
        package let name: String
        package let type: ColumnType
        package let isNullable: Bool

        package init(name: String, type: ColumnType, isNullable: Bool) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
        }
    }

    package let name: String
    package let columns: [Column]
    /// The name of the column after `TIME`, as it stands in `columns`.
    package let timeColumn: String?
    /// The names behind `ORDER BY`, as they stand in `columns`.
    package let sortColumns: [String]
    package let ifNotExists: Bool

    package init(
        name: String, columns: [Column], timeColumn: String?, sortColumns: [String] = [],
        ifNotExists: Bool
    ) {
        self.name = name
        self.columns = columns
        self.timeColumn = timeColumn
        self.sortColumns = sortColumns
        self.ifNotExists = ifNotExists
    }
}

/// What happens to one column of a table.
package enum ColumnChange: Equatable, Sendable {
    case add(CreateTable.Column, ifNotExists: Bool)
    case drop(columnID: UInt32)
    case rename(columnID: UInt32, newName: String)
}

/// Rows of an `INSERT … VALUES`, converted to the table's types and checked.
package struct InsertPlan: Sendable {
    package let table: TableDefinition
    /// All columns of the table, in its order.
    package let batch: RowBatch

    package init(table: TableDefinition, batch: RowBatch) {
        self.table = table
        self.batch = batch
    }
}
