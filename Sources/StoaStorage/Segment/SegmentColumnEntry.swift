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
///         28     2  sortPosition          1: rows are sorted by this column first, ascending and
///                                         NULL last; 2: by it second; …; 0: they are not
///         30     2  reserved              0
///         32    16  filters               the extent of a FilterSection, in the padding of the
///                                         last block; zero: none
///         48    16  reserved              0
struct SegmentColumnEntry: Equatable {
    static let byteCount = 64

    var columnID: UInt32
    var type: ColumnType
    /// Where the dictionary is; nil when the column has none.
    var dictionary: SegmentExtent?
    var dictionaryCount = 0
    /// 1 and on; nil: the segment's rows are not sorted by this column.
    var sortPosition: Int?
    /// Where the filters are; nil when no block has one.
    var filters: SegmentExtent?

    func encode(into output: inout ByteWriter) {
        output.append(columnID)
        output.append(type.code)
        output.append(type.precision)
        output.append(type.scale)
        output.append(UInt8(dictionary == nil ? 0 : 1))
        (dictionary ?? SegmentExtent.none).encode(into: &output)
        output.append(UInt32(dictionaryCount))
        output.append(UInt16(sortPosition ?? 0))
        output.append(UInt16(0))
        (filters ?? SegmentExtent.none).encode(into: &output)
        output.appendZeros(16)
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
        let sortPosition = Int(footer.integer(at: offset + 28, as: UInt16.self))
        let filters = SegmentExtent.decode(footer, at: offset + 32)
        return SegmentColumnEntry(
            columnID: footer.integer(at: offset), type: type,
            dictionary: hasDictionary ? SegmentExtent.decode(footer, at: offset + 8) : nil,
            dictionaryCount: Int(footer.integer(at: offset + 24, as: UInt32.self)),
            sortPosition: sortPosition == 0 ? nil : sortPosition,
            filters: filters == .none ? nil : filters)
    }
}
