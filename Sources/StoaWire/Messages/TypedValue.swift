internal import StoaBase
package import StoaModel

/// One value with its type, inside an option.
///
///     offset  size  field
///          0     1  type        ColumnType.code
///          1     1  precision   decimals, else 0
///          2     1  scale       decimals, else 0
///          3     1  flags       bit 0: null
///          4     4  byteCount   0 when null
///          8     …  bytes       as in a batch: a little-endian number of the type's width,
///                               or UTF-8
package struct TypedValue: Hashable, Sendable {
    package var type: ColumnType
    /// nil: null.
    package var bytes: [UInt8]?

    package init(type: ColumnType, bytes: [UInt8]?) {
        self.type = type
        self.bytes = bytes
    }

    func encode(into writer: inout ByteWriter) {
        writer.append(type.code)
        writer.append(type.precision)
        writer.append(type.scale)
        writer.append(UInt8(bytes == nil ? 1 : 0))
        writer.append(UInt32(bytes?.count ?? 0))
        writer.append(contentsOf: bytes ?? [])
    }

    static func decode(_ reader: inout OptionReader) throws(WireError) -> TypedValue {
        let code = try reader.read(UInt8.self)
        let precision = try reader.read(UInt8.self)
        let scale = try reader.read(UInt8.self)
        let flags = try reader.read(UInt8.self)
        let byteCount = Int(try reader.read(UInt32.self))
        guard let type = ColumnType(code: code, precision: precision, scale: scale),
            flags & ~1 == 0, flags == 0 || byteCount == 0,
            flags == 1 || type == .string || byteCount == type.batchValueByteCount
        else { throw reader.refusal }
        let bytes = try reader.readBytes(byteCount)
        return TypedValue(type: type, bytes: flags == 1 ? nil : bytes)
    }
}
