internal import StoaBase

/// The null rows of a block to encode, and the form their validity will take.
struct NullRows {
    let words: UnsafePointer<UInt64>
    let rowCount: Int
    let nullCount: Int
    let form: Validity.Form
    /// Bytes of the validity's array, padded.
    let byteCount: Int

    init(_ words: UnsafePointer<UInt64>, rowCount: Int, nullCount: Int) {
        self.words = words
        self.rowCount = rowCount
        self.nullCount = nullCount
        (form, byteCount) = Validity.choose(words, rowCount: rowCount, nullCount: nullCount)
    }

    var validCount: Int { rowCount - nullCount }

    /// Rows whose bit is 0.
    static func count(_ words: UnsafePointer<UInt64>, rowCount: Int) -> Int {
        var validCount = 0
        for word in 0..<(rowCount + 63) / 64 {
            let used = UInt64.mask(width: min(64, rowCount - word * 64))
            validCount += (words[word] & used).nonzeroBitCount
        }
        return rowCount - validCount
    }
}
