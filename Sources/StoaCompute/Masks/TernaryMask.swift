internal import StoaBase

/// The truth of a condition for each row of a batch: TRUE, FALSE, or NULL where neither bit is
/// set. AND and OR are one word operation each in this form, and NOT is an exchange.
package struct TernaryMask {
    package var isTrue: UnsafeMutablePointer<UInt64>
    package var isFalse: UnsafeMutablePointer<UInt64>

    package init(
        isTrue: UnsafeMutablePointer<UInt64>, isFalse: UnsafeMutablePointer<UInt64>
    ) {
        self.isTrue = isTrue
        self.isFalse = isFalse
    }

    /// The negation, over the same words.
    package var negated: TernaryMask { TernaryMask(isTrue: isFalse, isFalse: isTrue) }

    /// All rows alike; nil is NULL.
    package func fill(_ truth: Bool?, rowCount: Int) {
        MaskWords.clear(isTrue, rowCount: rowCount)
        MaskWords.clear(isFalse, rowCount: rowCount)
        guard let truth else { return }
        MaskWords.fill(truth ? isTrue : isFalse, rowCount: rowCount)
    }

    /// From the bits in `isTrue`: FALSE where they are clear, NULL where `validity` is. Words of
    /// `validity` may have bits behind the last row.
    package func complete(validity: UnsafePointer<UInt64>?, rowCount: Int) {
        let count = MaskWords.wordCount(rowCount)
        guard count > 0 else { return }
        if let validity {
            for word in 0..<count {
                let valid = validity[word]
                isFalse[word] = ~isTrue[word] & valid
                isTrue[word] &= valid
            }
        } else {
            for word in 0..<count { isFalse[word] = ~isTrue[word] }
        }
        isFalse[count - 1] &= MaskWords.lastWordBits(rowCount)
        isTrue[count - 1] &= MaskWords.lastWordBits(rowCount)
    }

    /// `self = self AND other`.
    package func and(_ other: TernaryMask, rowCount: Int) {
        for word in 0..<MaskWords.wordCount(rowCount) {
            isTrue[word] &= other.isTrue[word]
            isFalse[word] |= other.isFalse[word]
        }
    }

    /// `self = self OR other`.
    package func or(_ other: TernaryMask, rowCount: Int) {
        for word in 0..<MaskWords.wordCount(rowCount) {
            isTrue[word] |= other.isTrue[word]
            isFalse[word] &= other.isFalse[word]
        }
    }

    /// The truth of another mask.
    package func copy(from other: TernaryMask, rowCount: Int) {
        let count = MaskWords.wordCount(rowCount)
        isTrue.update(from: other.isTrue, count: count)
        isFalse.update(from: other.isFalse, count: count)
    }
}
