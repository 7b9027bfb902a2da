internal import StoaBase
internal import StoaModel

/// Bounds of strings, cut when they are long.
enum TextStatistics {
    /// Longest bound that is kept whole.
    static let boundByteCountLimit = 64

    /// Statistics of a block whose strings that are not null are `present`, at least one.
    static func of(_ present: TextInput, nulls: NullRows?) -> BlockStatistics {
        let rowCount = nulls?.rowCount ?? present.rowCount
        var start = 0
        var least = slice(present, 0, 0), greatest = least
        for row in 0..<present.rowCount {
            let length = Int(present.lengths.values[row])
            let string = slice(present, start, length)
            if row == 0 {
                (least, greatest) = (string, string)
            } else if order(string, least) < 0 {
                least = string
            } else if order(greatest, string) < 0 {
                greatest = string
            }
            start += length
        }
        return BlockStatistics(
            rowCount: rowCount, nullCount: nulls?.nullCount ?? 0, bounds: bounds(least, greatest))
    }

    private static func slice(
        _ text: TextInput, _ start: Int, _ length: Int
    ) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.bytes + start, count: length)
    }

    private static func bounds(
        _ least: UnsafeRawBufferPointer, _ greatest: UnsafeRawBufferPointer
    ) -> BlockStatistics.Bounds {
        let limit = boundByteCountLimit
        guard least.count > limit || greatest.count > limit else {
            return .strings(min: [UInt8](least), max: [UInt8](greatest), isExact: true)
        }
        // A prefix is a lower bound; as an upper bound its last byte that can must be raised.
        var upper = [UInt8](greatest.prefix(limit))
        if greatest.count > limit {
            while let last = upper.last, last == .max { upper.removeLast() }
            if let last = upper.popLast() { upper.append(last + 1) }
        }
        return .strings(
            min: [UInt8](least.prefix(limit)), max: upper.isEmpty ? nil : upper, isExact: false)
    }

    /// Negative, zero or positive as `left` stands before, at or behind `right`, bytewise.
    static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let common = min(left.count, right.count)
        var index = 0
        while index < common {
            if common - index >= 8 {
                let a = left.loadUnaligned(fromByteOffset: index, as: UInt64.self).bigEndian
                let b = right.loadUnaligned(fromByteOffset: index, as: UInt64.self).bigEndian
                if a != b { return a < b ? -1 : 1 }
                index += 8
            } else {
                if left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
                index += 1
            }
        }
        return left.count - right.count
    }
}
