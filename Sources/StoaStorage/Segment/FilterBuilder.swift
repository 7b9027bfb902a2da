internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// Makes the filters of a column's blocks, where they pay: for values that hardly repeat, that do
/// not stand in order, and whose encoding takes room.
enum FilterBuilder {
    /// The filter of one block; nil when it would not pay.
    static func filter(
        _ input: BlockInput, rowCount: Int, validity: UnsafePointer<UInt64>?,
        encodedByteCount: Int, nullCount: Int
    ) -> [UInt8]? {
        let valueCount = rowCount - nullCount
        let bucketCount = BlockFilter.bucketCount(
            valueCount: valueCount, encodedByteCount: encodedByteCount)
        guard bucketCount > 0, valueCount > 1 else { return nil }
        func isValid(_ row: Int) -> Bool {
            validity.map { $0[row >> 6] >> UInt64(row & 63) & 1 == 1 } ?? true
        }
        switch input {
        case .integers(let values, _):
            var isSorted = true
            for row in 1..<rowCount where values[row] < values[row - 1] {
                isSorted = false
                break
            }
            if isSorted { return nil }
            return filled(bucketCount, valueCount, rowCount, isValid) {
                BlockFilter.hash(values[$0])
            }
        case .strings(let offsets, let bytes):
            func text(_ row: Int) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(
                    start: bytes + Int(offsets[row]), count: Int(offsets[row + 1] - offsets[row]))
            }
            var isSorted = true
            for row in 1..<rowCount where ByteOrder.isLess(text(row), text(row - 1)) {
                isSorted = false
                break
            }
            if isSorted { return nil }
            return filled(bucketCount, valueCount, rowCount, isValid) {
                BlockFilter.hash(text($0))
            }
        case .float32, .float64, .codes: return nil
        }
    }

    /// Nil when more than a quarter of the values were there before.
    private static func filled(
        _ bucketCount: Int, _ valueCount: Int, _ rowCount: Int, _ isValid: (Int) -> Bool,
        _ hash: (Int) -> UInt64
    ) -> [UInt8]? {
        var words = [UInt32](repeating: 0, count: bucketCount * 8)
        var newCount = 0
        words.withUnsafeMutableBufferPointer { words in
            guard let base = words.baseAddress else { return }
            for row in 0..<rowCount where isValid(row) {
                if BlockFilter.insert(hash(row), into: base, bucketCount: bucketCount) {
                    newCount += 1
                }
            }
        }
        guard newCount * 4 >= valueCount * 3 else { return nil }
        var output = ByteWriter(reservingCapacity: words.count * 4)
        for word in words { output.append(word) }
        return output.bytes
    }

    /// Takes the filters away again where the blocks' bounds tell blocks apart as well: when a
    /// value lies, on average, within the bounds of fewer than two of several blocks.
    static func dropUseless(_ column: inout EncodedColumn) {
        guard column.blocks.count > 1 else { return }
        let all = column.blocks.map(\.statistics.bounds)
        var overlaps = 0
        for left in all { overlaps += all.count { mayOverlap(left, $0) } }
        // Every block overlaps itself.
        guard overlaps < all.count * 2 else { return }
        for index in column.blocks.indices { column.blocks[index].filter = nil }
    }

    private static func mayOverlap(
        _ left: BlockStatistics.Bounds, _ right: BlockStatistics.Bounds
    ) -> Bool {
        switch (left, right) {
        case (.integers(let min, let max), .integers(let low, let high)):
            return min <= high && low <= max
        case (.strings(let min, let max, _), .strings(let low, let high, _)):
            if let high, high.lexicographicallyPrecedes(min) { return false }
            if let max, max.lexicographicallyPrecedes(low) { return false }
            return true
        case (.none, _), (_, .none): return false
        default: return true
        }
    }
}
