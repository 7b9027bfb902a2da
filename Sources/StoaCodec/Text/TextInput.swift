internal import StoaBase

/// Strings to encode, one behind the other without gaps.
struct TextInput {
    /// Their lengths, one per row.
    var lengths: NumberInput
    var bytes: UnsafeRawPointer
    var byteCount: Int

    var rowCount: Int { lengths.rowCount }

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

    /// The strings that are not null; the others are empty, so the bytes are the same.
    func compacted(_ validity: UnsafePointer<UInt64>, validCount: Int) -> TextInput {
        var result = self
        result.lengths = lengths.compacted(validity, validCount: validCount)
        return result
    }
}
