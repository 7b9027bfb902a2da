internal import StoaBase
internal import StoaModel

/// What the footer says of one column.
///
///     offset  size  field
///          0     4  columnID              unique in the segment
///          4     1  type                  ColumnType.code
///          5     1  precision             decimals, else 0
///          6     1  scale                 decimals, else 0
///          7     1  flags                 bit 0: strings are codes of the dictionary
///          8     4  dictionaryOffset      in units of 64 bytes; 0 without a dictionary
///         12     4  dictionaryLength      in units of 64 bytes, padding included
///         16     4  dictionaryByteCount   without the padding
///         20     4  dictionaryChecksum    CRC-32C of dictionaryLength × 64 bytes
///         24     4  dictionaryCount       strings
///         28    36  reserved              0
struct SegmentColumnEntry: Equatable {
    static let byteCount = 64

    var columnID: UInt32
    var type: ColumnType
    /// Where the dictionary is; nil when the column has none.
    var dictionary: SegmentExtent?
    var dictionaryCount = 0

    func encode(into output: inout ByteWriter) {
        output.append(columnID)
        output.append(type.code)
        output.append(type.precision)
        output.append(type.scale)
        output.append(UInt8(dictionary == nil ? 0 : 1))
        (dictionary ?? SegmentExtent.none).encode(into: &output)
        output.append(UInt32(dictionaryCount))
        output.appendZeros(36)
    }

    /// Reads the entry at `offset`, which lies in the footer.
    static func decode(_ footer: Bytes, at offset: Int) -> SegmentColumnEntry? {
        guard
            let type = ColumnType(
                code: footer[offset + 4], precision: footer[offset + 5], scale: footer[offset + 6]),
            type.isStorable
        else { return nil }
        let flags = footer[offset + 7]
        let hasDictionary = flags & 1 != 0
        guard flags & ~1 == 0, !hasDictionary || type == .string else { return nil }
        return SegmentColumnEntry(
            columnID: footer.integer(at: offset), type: type,
            dictionary: hasDictionary ? SegmentExtent.decode(footer, at: offset + 8) : nil,
            dictionaryCount: Int(footer.integer(at: offset + 24, as: UInt32.self)))
    }
}
