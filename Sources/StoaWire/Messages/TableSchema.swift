internal import StoaBase
package import StoaModel

/// The columns of a table that a bulk load creates or feeds; the value of a SCHEMA option.
///
///     columnCount u32, timeColumn u32 (an index, or 0xFFFFFFFF for none), then per column:
///     type u8, precision u8, scale u8, flags u8 (bit 0: nullable), nameByteCount u16, name
package struct TableSchema: Hashable, Sendable {
    /// A column without an id, which the server gives.
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

    package var columns: [Column]
    /// The designated time column's position.
    package var timeColumnIndex: Int?

    package init(columns: [Column], timeColumnIndex: Int? = nil) {
        self.columns = columns
        self.timeColumnIndex = timeColumnIndex
    }

    /// The schema of an existing table.
    package init(_ definition: TableDefinition) {
        columns = definition.columns.map {
            Column(name: $0.name, type: $0.type, isNullable: $0.isNullable)
        }
        timeColumnIndex = definition.columns.firstIndex { $0.id == definition.timeColumnID }
    }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt32(columns.count))
        writer.append(timeColumnIndex.map { UInt32($0) } ?? UInt32.max)
        for column in columns {
            writer.append(column.type.code)
            writer.append(column.type.precision)
            writer.append(column.type.scale)
            writer.append(UInt8(column.isNullable ? 1 : 0))
            writer.appendShortString(column.name)
        }
        return writer.bytes
    }

    static func decode(_ option: Payload.Option) throws(WireError) -> TableSchema {
        var reader = OptionReader(option)
        let columnCount = Int(try reader.read(UInt32.self))
        let timeColumn = try reader.read(UInt32.self)
        guard (1...Limits.columnCountLimit).contains(columnCount),
            timeColumn == UInt32.max || Int(timeColumn) < columnCount
        else { throw reader.refusal }
        var columns: [Column] = []
        for _ in 0..<columnCount {
            let code = try reader.read(UInt8.self)
            let precision = try reader.read(UInt8.self)
            let scale = try reader.read(UInt8.self)
            let flags = try reader.read(UInt8.self)
            let name = try reader.readShortText()
            guard let type = ColumnType(code: code, precision: precision, scale: scale),
                flags & ~1 == 0
            else { throw reader.refusal }
            columns.append(Column(name: name, type: type, isNullable: flags == 1))
        }
        try reader.requireEnd()
        let timeColumnIndex = timeColumn == UInt32.max ? nil : Int(timeColumn)
        return TableSchema(columns: columns, timeColumnIndex: timeColumnIndex)
    }
}

extension Payload {
    /// The SCHEMA option, if there is one.
    func schema() throws(WireError) -> TableSchema? {
        guard let option = options.first(where: { $0.tag == .schema }) else { return nil }
        return try TableSchema.decode(option)
    }
}
