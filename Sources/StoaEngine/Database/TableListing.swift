internal import StoaModel
internal import StoaQuery
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

    /// One row for each name.
    static func names(_ names: [String]) -> [ColumnBuilder] {
        var name = ColumnBuilder(name: "name", type: .string)
        for each in names { name.append(.text(each)) }
        return [name]
    }

    /// One row per function and operator.
    static func functions() -> [ColumnBuilder] {
        var name = ColumnBuilder(name: "name", type: .string)
        var kind = ColumnBuilder(name: "kind", type: .string)
        var arguments = ColumnBuilder(name: "arguments", type: .string)
        var result = ColumnBuilder(name: "result", type: .string)
        for entry in FunctionCatalog.entries {
            name.append(.text(entry.name))
            kind.append(.text(entry.kind.rawValue))
            arguments.append(.text(entry.arguments))
            result.append(.text(entry.result))
        }
        return [name, kind, arguments, result]
    }

    /// One row per output of a query, as `columns` has them.
    static func outputs(_ plan: SelectPlan) -> [ColumnBuilder] {
        columns(
            TableDefinition(
                id: 0, name: "",
                columns: plan.outputs.enumerated().map { index, output in
                    ColumnDefinition(
                        id: UInt32(index + 1), name: output.name, type: output.type,
                        isNullable: output.expression.isNullable)
                }))
    }

    /// The statement that makes a table like this one.
    static func statement(of table: TableDefinition) -> [ColumnBuilder] {
        func quoted(_ name: String) -> String {
            "\""
                + name.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"") + "\""
        }
        func name(_ id: UInt32) -> String {
            quoted(table.columns.first { $0.id == id }?.name ?? "")
        }
        let lines = table.columns.map {
            "    \(quoted($0.name)) \($0.type)\($0.isNullable ? "" : " NOT NULL")"
        }
        var text = "CREATE TABLE \(quoted(table.name)) (\n\(lines.joined(separator: ",\n"))\n)"
        if let id = table.timeColumnID { text += " TIME (\(name(id)))" }
        if !table.sortColumnIDs.isEmpty {
            text += " ORDER BY (\(table.sortColumnIDs.map(name).joined(separator: ", ")))"
        }
        var sql = ColumnBuilder(name: "sql", type: .string)
        sql.append(.text(text))
        return names([table.name]) + [sql]
    }

    /// A result of no columns.
    static func done() -> [ColumnBuilder] { [] }
}
