internal import StoaBase
internal import StoaModel

/// What the footer says of one block: where it is, and what is known of its rows.
///
///     offset  size  field
///          0    16  extent         offset, length, byte count, checksum: see SegmentExtent
///         16     4  rowCount
///         20     4  nullCount
///         24     1  rootEncoding   Encoding.rawValue
///         25     1  flags          bit 0: bounds; bit 1: sum; bit 2: a string's bounds are
///                                  exact; bit 3: a string's max is known; bit 4: codes
///         26     1  minByteCount   of a string's min, at most 16
///         27     1  maxByteCount   of a string's max, at most 16
///         28     4  reserved       0
///         32    16  min            see below
///         48    16  max
///         64    16  sum            exact, of the values that are not null
///         80     4  minCode        of a block of codes
///         84     4  maxCode
///         88    40  reserved       0; for distinct and run counts
///
/// min and max: of integers the value, 128 bits signed; of floats the bits of the value as a
/// FLOAT64, then zeros; of strings the first 16 bytes. A longer max is cut and its last byte
/// raised by one, so that it is still an upper bound; bit 2 says that nothing was cut.
struct SegmentBlockEntry: Equatable {
    static let byteCount = 128
    static let boundByteCount = 16

    var extent: SegmentExtent
    var rootEncoding: UInt8
    var statistics: BlockStatistics
    var codes: ClosedRange<UInt32>?

    func encode(into output: inout ByteWriter) {
        let start = output.count
        extent.encode(into: &output)
        output.append(UInt32(statistics.rowCount))
        output.append(UInt32(statistics.nullCount))
        output.append(rootEncoding)
        output.appendZeros(Self.byteCount - 25)
        var flags: UInt8 = 0
        if let sum = statistics.sum {
            flags |= 2
            output.overwrite(at: start + 64, with: sum)
        }
        if let codes {
            flags |= 16
            output.overwrite(at: start + 80, with: codes.lowerBound)
            output.overwrite(at: start + 84, with: codes.upperBound)
        }
        switch statistics.bounds {
        case .none: break
        case .integers(let min, let max):
            flags |= 1
            output.overwrite(at: start + 32, with: min)
            output.overwrite(at: start + 48, with: max)
        case .floats(let min, let max):
            flags |= 1
            output.overwrite(at: start + 32, with: min.bitPattern)
            output.overwrite(at: start + 48, with: max.bitPattern)
        case .strings(let min, let max, let isExact):
            let cutFlags = encodeStrings(min, max, into: &output, at: start)
            flags |= 1 | (isExact ? cutFlags : cutFlags & ~4)
        }
        output.overwrite(at: start + 25, with: flags)
    }

    /// Writes bounds cut to 16 bytes; their flags.
    private func encodeStrings(
        _ min: [UInt8], _ max: [UInt8]?, into output: inout ByteWriter, at start: Int
    ) -> UInt8 {
        let limit = Self.boundByteCount
        for (index, byte) in min.prefix(limit).enumerated() {
            output.overwrite(at: start + 32 + index, with: byte)
        }
        output.overwrite(at: start + 26, with: UInt8(Swift.min(min.count, limit)))
        guard let max else { return 0 }
        var high = Array(max.prefix(limit))
        // Valid UTF-8 never holds 0xFF, so the last byte can always be raised.
        if max.count > limit, let last = high.indices.last { high[last] += 1 }
        for (index, byte) in high.enumerated() {
            output.overwrite(at: start + 48 + index, with: byte)
        }
        output.overwrite(at: start + 27, with: UInt8(high.count))
        return max.count <= limit && min.count <= limit ? 12 : 8
    }

    /// Reads the entry at `offset`, which lies in the footer; nil when its fields contradict
    /// each other.
    static func decode(_ footer: Bytes, at offset: Int, type: ColumnType) -> SegmentBlockEntry? {
        let flags = footer[offset + 25]
        let rowCount = Int(footer.integer(at: offset + 16, as: UInt32.self))
        let nullCount = Int(footer.integer(at: offset + 20, as: UInt32.self))
        guard flags & ~0x1F == 0, nullCount <= rowCount else { return nil }
        var statistics = BlockStatistics(rowCount: rowCount, nullCount: nullCount, bounds: .none)
        if flags & 2 != 0 { statistics.sum = footer.integer(at: offset + 64, as: Int128.self) }
        if flags & 1 != 0 {
            guard let bounds = decodeBounds(footer, at: offset, type: type, flags: flags) else {
                return nil
            }
            statistics.bounds = bounds
        }
        var codes: ClosedRange<UInt32>?
        if flags & 16 != 0 {
            let low: UInt32 = footer.integer(at: offset + 80)
            let high: UInt32 = footer.integer(at: offset + 84)
            guard low <= high else { return nil }
            codes = low...high
        }
        return SegmentBlockEntry(
            extent: SegmentExtent.decode(footer, at: offset), rootEncoding: footer[offset + 24],
            statistics: statistics, codes: codes)
    }

    private static func decodeBounds(
        _ footer: Bytes, at offset: Int, type: ColumnType, flags: UInt8
    ) -> BlockStatistics.Bounds? {
        if let range = type.integerRange {
            let min: Int128 = footer.integer(at: offset + 32)
            let max: Int128 = footer.integer(at: offset + 48)
            guard min <= max, range.contains(min), range.contains(max) else { return nil }
            return .integers(min: min, max: max)
        }
        if type.isFloat {
            return .floats(
                min: Double(bitPattern: footer.integer(at: offset + 32)),
                max: Double(bitPattern: footer.integer(at: offset + 48)))
        }
        let minCount = Int(footer[offset + 26])
        let maxCount = Int(footer[offset + 27])
        guard minCount <= boundByteCount, maxCount <= boundByteCount else { return nil }
        return .strings(
            min: footer[offset + 32..<offset + 32 + minCount].array,
            max: flags & 8 == 0 ? nil : footer[offset + 48..<offset + 48 + maxCount].array,
            isExact: flags & 12 == 12)
    }
}
