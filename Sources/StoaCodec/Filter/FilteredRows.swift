internal import StoaBase

/// Some rows of a node, from a whole vector on, and which of them are still in question: bit 0 of
/// the mask's first word is the first row, bits behind the last row are 0.
struct FilteredRows {
    let firstRow: Int
    let rowCount: Int
    let mask: UnsafeMutablePointer<UInt64>

    var wordCount: Int { (rowCount + 63) / 64 }
    var firstVector: Int { firstRow / Limits.vectorRows }
    var vectorCount: Int { NumberNode.vectorCount(rowCount) }

    /// The rows of one vector, counted from the first.
    func vector(_ index: Int) -> FilteredRows {
        let start = index * Limits.vectorRows
        return part(start, min(Limits.vectorRows, rowCount - start))
    }

    /// `count` rows from a multiple of 64 on.
    func part(_ start: Int, _ count: Int) -> FilteredRows {
        FilteredRows(firstRow: firstRow + start, rowCount: count, mask: mask + start / 64)
    }

    var isEmpty: Bool {
        var any: UInt64 = 0
        for word in 0..<wordCount { any |= mask[word] }
        return any == 0
    }

    /// Rows in question.
    var count: Int {
        var count = 0
        for word in 0..<wordCount { count &+= mask[word].nonzeroBitCount }
        return count
    }

    func clear() { mask.update(repeating: 0, count: wordCount) }

    /// Clears the bits of some rows, counted from the first.
    func clear(_ rows: Range<Int>) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let count = min(64 &- (row & 63), rows.upperBound &- row)
            mask[row &>> 6] &=
                ~(UInt64.mask(width: count) &<< UInt64(truncatingIfNeeded: row & 63))
            row &+= count
        }
    }

    func fill() {
        mask.update(repeating: .max, count: wordCount)
        if rowCount & 63 != 0 { mask[wordCount - 1] = .mask(width: rowCount & 63) }
    }

    func and(_ other: UnsafePointer<UInt64>) {
        for word in 0..<wordCount { mask[word] &= other[word] }
    }

    func keepValid(_ validity: Validity?) {
        guard let validity else { return }
        and(validity.words + firstRow / 64)
    }

    func keepNulls(_ validity: Validity?) {
        guard let validity else { return clear() }
        let words = validity.words + firstRow / 64
        for word in 0..<wordCount { mask[word] &= ~words[word] }
    }

    /// Keeps rows by the bits of those that are not null, from bit `position` on.
    func keep(_ bits: UnsafePointer<UInt64>, from position: Int, _ validity: Validity) {
        let words = validity.words + firstRow / 64
        var position = position
        for word in 0..<wordCount {
            let valid = words[word]
            if mask[word] != 0 {
                mask[word] &=
                    valid == 0
                    ? 0 : BitSpread.deposit(BitSpread.bits(bits, at: position), into: valid)
            }
            position &+= valid.nonzeroBitCount
        }
    }
}
