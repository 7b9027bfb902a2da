internal import StoaBase

/// Values to encode: 64-bit patterns without holes. Null rows, where there are any, hold a
/// neighbour's value.
struct NumberInput {
    var values: UnsafePointer<UInt64>
    var rowCount: Int
    /// Rows that are null, whose residuals become 0; nil: none.
    var validity: UnsafePointer<UInt64>?
    /// Whether the patterns order as unsigned numbers.
    var isUnsigned: Bool
    /// Keeps the values alive when they were made for encoding.
    private let owner: NumberBuffer?

    /// Values that the caller keeps alive.
    init(_ values: UnsafePointer<UInt64>, rowCount: Int, isUnsigned: Bool) {
        self.values = values
        self.rowCount = rowCount
        self.isUnsigned = isUnsigned
        owner = nil
    }

    /// The first `rowCount` values of a buffer.
    init(_ buffer: NumberBuffer, rowCount: Int, isUnsigned: Bool) {
        values = UnsafePointer(buffer.pointer)
        self.rowCount = rowCount
        self.isUnsigned = isUnsigned
        owner = buffer
    }

    /// What turns a pattern into a signed number of the same order.
    var orderFlip: UInt64 { isUnsigned ? 1 << 63 : 0 }

    var vectorCount: Int { NumberNode.vectorCount(rowCount) }

    /// The rows of a vector.
    func rows(ofVector vector: Int) -> Range<Int> {
        let first = vector * Limits.vectorRows
        return first..<min(first + Limits.vectorRows, rowCount)
    }

    // MARK: Rows that are null

    /// Only the values that are not null.
    func compacted(_ validity: UnsafePointer<UInt64>, validCount: Int) -> NumberInput {
        let buffer = NumberBuffer(capacity: rowCount)
        var written = 0
        for row in 0..<rowCount {
            buffer.pointer[written] = values[row]
            written &+= Int(validity[row &>> 6] &>> UInt64(row & 63) & 1)
        }
        invariant(written == validCount, "the validity bits and their count agree")
        return NumberInput(buffer, rowCount: validCount, isUnsigned: isUnsigned)
    }

    /// All rows; null ones repeat the value before them in their vector, or the first behind
    /// them, or, in a vector of nulls, the last of the vector before. That keeps runs together
    /// and bounds of vectors as they are.
    func filled(_ validity: UnsafePointer<UInt64>) -> NumberInput {
        let buffer = NumberBuffer(capacity: rowCount)
        func isValid(_ row: Int) -> Bool { validity[row >> 6] >> UInt64(row & 63) & 1 == 1 }
        let first = (0..<rowCount).first(where: isValid) ?? 0
        var previous = values[first]
        for vector in 0..<vectorCount {
            let rows = rows(ofVector: vector)
            if !isValid(rows.lowerBound), let next = rows.first(where: isValid) {
                previous = values[next]
            }
            for row in rows {
                previous = isValid(row) ? values[row] : previous
                buffer.pointer[row] = previous
            }
        }
        var result = NumberInput(buffer, rowCount: rowCount, isUnsigned: isUnsigned)
        result.validity = validity
        return result
    }
}
