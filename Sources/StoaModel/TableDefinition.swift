/// One column of a table. Ids are unique within the table and never reused.
package struct ColumnDefinition: Hashable, Sendable {
    package var id: UInt32
    /// 1 … 128 bytes, no control characters, unique in the table ignoring ASCII case.
    package var name: String
    package var type: ColumnType
    package var isNullable: Bool

    package init(id: UInt32, name: String, type: ColumnType, isNullable: Bool = true) {
        self.id = id
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// The number of a table; never reused, also after DROP.
package typealias TableID = UInt32

/// A table's name and columns, in the order of its `CREATE TABLE`.
package struct TableDefinition: Hashable, Sendable {
    package var id: TableID
    package var name: String
    /// Counts the schema's changes, from 1.
    package var schemaVersion: UInt32
    package var columns: [ColumnDefinition]
    /// The designated time column (`TIME (ts)`), if any.
    package var timeColumnID: UInt32?
    /// The columns that rows are sorted by within a segment (`ORDER BY (a, b)`), first one first.
    package var sortColumnIDs: [UInt32]

    package init(
        id: TableID, name: String, schemaVersion: UInt32 = 1, columns: [ColumnDefinition],
        timeColumnID: UInt32? = nil, sortColumnIDs: [UInt32] = []
    ) {
        self.id = id
        self.name = name
        self.schemaVersion = schemaVersion
        self.columns = columns
        self.timeColumnID = timeColumnID
        self.sortColumnIDs = sortColumnIDs
    }

    /// The index of the column with that name: an exact match first, else ignoring ASCII case.
    package func columnIndex(named name: String) -> Int? {
        columns.firstIndex { $0.name == name }
            ?? columns.firstIndex { Names.isEqual($0.name, name) }
    }
}

/// All tables at one moment, as a value that queries are bound against.
package struct Catalog: Sendable {
    /// Sorted by name, bytewise.
    package var tables: [TableDefinition]
    /// The tables of the schema `system`, which show the state of the database.
    package var systemTables: [TableDefinition] = []
    /// The tables of the schema `information_schema`, which other systems' clients read.
    package var informationTables: [TableDefinition] = []

    package init(tables: [TableDefinition] = []) {
        self.tables = tables.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The table with that name: an exact match first, else ignoring ASCII case.
    package func table(named name: String) -> TableDefinition? {
        tables.first { $0.name == name } ?? tables.first { Names.isEqual($0.name, name) }
    }
}
