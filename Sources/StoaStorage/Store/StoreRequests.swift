internal import StoaBase
package import StoaModel

/// Rows are durable and visible.
package struct AppendReceipt: Equatable, Sendable {
    /// The batch's place in the one order of everything.
    package var lsn: UInt64
    /// A query at this generation sees the rows.
    package var generation: UInt64
    package var rowCount: Int
    /// The rows were stored before; nothing was stored now.
    package var isDuplicate: Bool

    package init(lsn: UInt64, generation: UInt64, rowCount: Int, isDuplicate: Bool) {
        self.lsn = lsn
        self.generation = generation
        self.rowCount = rowCount
        self.isDuplicate = isDuplicate
    }
}

/// A change of tables is durable and visible.
package struct ChangeReceipt: Equatable, Sendable {
    package var lsn: UInt64
    package var generation: UInt64
    package var tableID: TableID
    /// There was nothing to do: `IF NOT EXISTS` and the table exists.
    package var isUnchanged: Bool

    package init(lsn: UInt64, generation: UInt64, tableID: TableID, isUnchanged: Bool) {
        self.lsn = lsn
        self.generation = generation
        self.tableID = tableID
        self.isUnchanged = isUnchanged
    }
}

/// Called once, on a thread of the store, when it is certain.
package typealias AppendCompletion = @Sendable (Result<AppendReceipt, StorageError>) -> Void
/// Called once, on a thread of the store, when it is certain.
package typealias ChangeCompletion = @Sendable (Result<ChangeReceipt, StorageError>) -> Void

/// A table that is to be made.
package struct TableDraft: Hashable, Sendable {
    /// A column that is to be made.
    package struct Column: Hashable, Sendable {
        package var name: String
        package var type: ColumnType
        package var isNullable: Bool

        package init(name: String, type: ColumnType, isNullable: Bool = true) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
        }
    }

    package var name: String
    package var columns: [Column]
    /// The designated time column.
    package var timeColumn: String?
    /// The columns that rows are sorted by within a segment, first one first.
    package var sortColumns: [String]
    /// A table of that name is no error.
    package var ifNotExists: Bool

    package init(
        name: String, columns: [Column], timeColumn: String? = nil, sortColumns: [String] = [],
        ifNotExists: Bool = false
    ) {
        self.name = name
        self.columns = columns
        self.timeColumn = timeColumn
        self.sortColumns = sortColumns
        self.ifNotExists = ifNotExists
    }

    /// The definition under an id.
    ///
    /// - Throws: `badName`, `duplicateColumn`, `unknownColumn`, `typeMismatch`, `notSupported`.
    package func definition(id: TableID) throws(StorageError) -> TableDefinition {
        guard Names.isValid(name) else { throw .badName(name) }
        guard (1...Limits.columnCountLimit).contains(columns.count) else {
            throw .notSupported("A table has 1 to \(Limits.columnCountLimit) columns.")
        }
        var seen: Set<String> = []
        var definitions: [ColumnDefinition] = []
        for column in columns {
            guard Names.isValid(column.name) else { throw .badName(column.name) }
            guard seen.insert(Names.folded(column.name)).inserted else {
                throw .duplicateColumn(column.name)
            }
            guard column.type.isStorable else {
                throw .notSupported("A column cannot be \(column.type).")
            }
            definitions.append(
                ColumnDefinition(
                    id: UInt32(definitions.count + 1), name: column.name, type: column.type,
                    isNullable: column.isNullable))
        }
        var table = TableDefinition(id: id, name: name, columns: definitions)
        if let timeColumn {
            guard let index = table.columnIndex(named: timeColumn) else {
                throw .unknownColumn(timeColumn)
            }
            guard definitions[index].type.isTime else {
                throw .typeMismatch(
                    column: timeColumn, expected: .timestamp, found: definitions[index].type)
            }
            table.timeColumnID = definitions[index].id
        }
        for name in sortColumns {
            guard let index = table.columnIndex(named: name) else { throw .unknownColumn(name) }
            guard !table.sortColumnIDs.contains(definitions[index].id) else {
                throw .duplicateColumn(name)
            }
            table.sortColumnIDs.append(definitions[index].id)
        }
        return table
    }
}

/// A batch on its way in.
package struct BatchRequest: Sendable {
    package var tableID: TableID
    package var batch: RowBatch
    package var origin: BatchOrigin
    /// Of the table and the bytes; computed before the writer is reached.
    package var fingerprint: UInt32
    package var completion: AppendCompletion

    package init(
        tableID: TableID, batch: RowBatch, origin: BatchOrigin,
        completion: @escaping AppendCompletion
    ) {
        self.tableID = tableID
        self.batch = batch
        self.origin = origin
        fingerprint =
            origin.isNone ? 0 : BatchPayload.fingerprint(tableID: tableID, batch: batch.bytes)
        self.completion = completion
    }
}
