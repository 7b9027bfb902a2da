internal import StoaBase

/// Strings to encode, one behind the other without gaps.
struct TextInput {
    /// Their lengths, one per row.
    var lengths: NumberInput
    var bytes: UnsafeRawPointer
    var byteCount: Int
    /// Keeps the bytes alive when they were gathered for encoding.
    private var owner: HeapBytes?

    var rowCount: Int { lengths.rowCount }

    /// Strings gathered in memory of their own.
    init(lengths: NumberInput, _ memory: HeapBytes, byteCount: Int) {
        self.lengths = lengths
        bytes = UnsafeRawPointer(memory.address)
        self.byteCount = byteCount
        owner = memory
    }

    /// The strings between `rowCount + 1` offsets.
    init(offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer, rowCount: Int) {
        let buffer = NumberBuffer(capacity: rowCount)
        for row in 0..<rowCount {
            buffer.pointer[row] = UInt64(offsets[row + 1] &- offsets[row])
        }
        lengths = NumberInput(buffer, rowCount: rowCount, isUnsigned: false)
        self.bytes = bytes + Int(offsets[0])
        byteCount = Int(offsets[rowCount] &- offsets[0])
    }

    /// The strings of some rows, in rising order.
    func selected(_ rows: [UInt32]) -> TextInput {
        var total = 0
        for row in rows { total += Int(lengths.values[Int(row)]) }
        let memory = HeapBytes(byteCount: total)
        let buffer = NumberBuffer(capacity: rows.count)
        var start = 0, end = 0, next = 0
        for row in 0..<rowCount where next < rows.count {
            let length = Int(lengths.values[row])
            if Int(rows[next]) == row {
                (memory.address + end).copyMemory(from: bytes + start, byteCount: length)
                buffer.pointer[next] = UInt64(length)
                end += length
                next += 1
            }
            start += length
        }
        var result = self
        result.lengths = NumberInput(buffer, rowCount: rows.count, isUnsigned: false)
        result.bytes = UnsafeRawPointer(memory.address)
        result.byteCount = total
        result.owner = memory
        return result
    }

    /// The strings that are not null; the others are empty, so the bytes are the same.
    func compacted(_ validity: UnsafePointer<UInt64>, validCount: Int) -> TextInput {
        var result = self
        result.lengths = lengths.compacted(validity, validCount: validCount)
        return result
    }
}
