internal import StoaModel
internal import StoaStorage

/// The answers of SHOW TABLES, DESCRIBE and statements without rows.
enum TableListing {
    /// One row per table: name, rows, columns, blocks, bytes.
    static func rows(_ snapshot: Snapshot) -> [ColumnBuilder] {
        var name = ColumnBuilder(name: "name", type: .string)
        var rowCount = ColumnBuilder(name: "rows", type: .int64)
        var columnCount = ColumnBuilder(name: "columns", type: .int64)
        var blockCount = ColumnBuilder(name: "blocks", type: .int64)
        var byteCount = ColumnBuilder(name: "bytes", type: .int64)
        for definition in snapshot.catalog.tables {
            let table = snapshot.table(definition.id)
            name.append(.string(Array(definition.name.utf8)))
            rowCount.append(integer: Int64(table?.rowCount ?? 0))
            columnCount.append(integer: Int64(definition.columns.count))
            let blocks = table?.blocks ?? []
            blockCount.append(integer: Int64(blocks.count))
            byteCount.append(integer: Int64(blocks.reduce(0) { $0 + $1.encodedByteCount }))
        }
        return [name, rowCount, columnCount, blockCount, byteCount]
    }

    /// One row per column: name, type, nullable, its place among those that rows are sorted by.
    static func columns(_ table: TableDefinition) -> [ColumnBuilder] {
        var name = ColumnBuilder(name: "name", type: .string)
        var type = ColumnBuilder(name: "type", type: .string)
        var isNullable = ColumnBuilder(name: "nullable", type: .bool)
        var sortPosition = ColumnBuilder(name: "sort_position", type: .int64)
        for column in table.columns {
            name.append(.string(Array(column.name.utf8)))
            type.append(.string(Array(column.type.description.utf8)))
            isNullable.append(.bool(column.isNullable))
            let position = table.sortColumnIDs.firstIndex(of: column.id)
            sortPosition.append(position.map { .integer(Int128($0 + 1)) } ?? .null)
        }
        return [name, type, isNullable, sortPosition]
    }

    /// A result of no columns.
    static func done() -> [ColumnBuilder] { [] }
}
