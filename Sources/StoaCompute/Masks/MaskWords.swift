internal import StoaBase

/// Bit masks over the rows of a batch: bit `row % 64` of word `row / 64`. Bits behind the last
/// row are always zero.
@usableFromInline
package enum MaskWords {
    /// Words of a mask of a full batch.
    package static let wordCountLimit = Limits.batchRows / 64

    /// Words of a mask of `rowCount` rows.
    @inlinable
    package static func wordCount(_ rowCount: Int) -> Int { (rowCount &+ 63) &>> 6 }

    /// The bits of a mask's last word that stand for rows.
    @inlinable
    package static func lastWordBits(_ rowCount: Int) -> UInt64 {
        rowCount & 63 == 0 ? .max : (1 &<< UInt64(rowCount & 63)) &- 1
    }

    /// Selects all `rowCount` rows.
    @inlinable
    package static func fill(_ mask: UnsafeMutablePointer<UInt64>, rowCount: Int) {
        let count = wordCount(rowCount)
        guard count > 0 else { return }
        mask.update(repeating: .max, count: count)
        mask[count - 1] = lastWordBits(rowCount)
    }

    /// Selects none.
    @inlinable
    package static func clear(_ mask: UnsafeMutablePointer<UInt64>, rowCount: Int) {
        mask.update(repeating: 0, count: wordCount(rowCount))
    }

    /// Copies `source`, which may have bits behind the last row (a vector's validity does).
    package static func copy(
        _ source: UnsafePointer<UInt64>, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>
    ) {
        let count = wordCount(rowCount)
        guard count > 0 else { return }
        mask.update(from: source, count: count)
        mask[count - 1] &= lastWordBits(rowCount)
    }

    /// `mask &= other`.
    @inlinable
    package static func and(
        _ mask: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, rowCount: Int
    ) {
        for word in 0..<wordCount(rowCount) { mask[word] &= other[word] }
    }

    /// `mask |= other`.
    @inlinable
    package static func or(
        _ mask: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, rowCount: Int
    ) {
        for word in 0..<wordCount(rowCount) { mask[word] |= other[word] }
    }

    /// `mask &= ~other`.
    @inlinable
    package static func andNot(
        _ mask: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, rowCount: Int
    ) {
        for word in 0..<wordCount(rowCount) { mask[word] &= ~other[word] }
    }

    /// Rows selected.
    @inlinable
    package static func count(_ mask: UnsafePointer<UInt64>, rowCount: Int) -> Int {
        var total = 0
        for word in 0..<wordCount(rowCount) { total &+= mask[word].nonzeroBitCount }
        return total
    }

    /// Rows selected in both; `other` may be nil for all.
    package static func count(
        _ mask: UnsafePointer<UInt64>, and other: UnsafePointer<UInt64>?, rowCount: Int
    ) -> Int {
        guard let other else { return count(mask, rowCount: rowCount) }
        var total = 0
        for word in 0..<wordCount(rowCount) { total &+= (mask[word] & other[word]).nonzeroBitCount }
        return total
    }

    /// Whether no row is selected.
    @inlinable
    package static func isEmpty(_ mask: UnsafePointer<UInt64>, rowCount: Int) -> Bool {
        var any: UInt64 = 0
        for word in 0..<wordCount(rowCount) { any |= mask[word] }
        return any == 0
    }

    /// Whether the row is selected.
    @inlinable
    package static func isSet(_ mask: UnsafePointer<UInt64>, _ row: Int) -> Bool {
        mask[row &>> 6] &>> UInt64(row & 63) & 1 != 0
    }

    /// A row's bit as a number.
    @inlinable
    package static func bit(_ mask: UnsafePointer<UInt64>, _ row: Int) -> UInt64 {
        mask[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1
    }

    /// Writes the selected rows, rising, and returns how many there are.
    package static func rows(
        _ mask: UnsafePointer<UInt64>, rowCount: Int, into rows: UnsafeMutablePointer<UInt16>
    ) -> Int {
        var count = 0
        for word in 0..<wordCount(rowCount) {
            var bits = mask[word]
            let first = UInt16(truncatingIfNeeded: word &* 64)
            if bits == .max {
                for offset in 0..<64 {
                    rows[count &+ offset] = first &+ UInt16(truncatingIfNeeded: offset)
                }
                count &+= 64
                continue
            }
            while bits != 0 {
                rows[count] = first &+ UInt16(truncatingIfNeeded: bits.trailingZeroBitCount)
                count &+= 1
                bits &= bits &- 1
            }
        }
        return count
    }

    /// A mask of the rows for which `test` holds: a byte per row of 1,024 first, which vectorises,
    /// then their bits. Reading bytes back right behind their stores would wait for them.
    @inline(__always)
    static func build(
        rowCount: Int, into mask: UnsafeMutablePointer<UInt64>, _ test: (Int) -> Bool
    ) {
        // More, or a stricter alignment, would come from the heap.
        withUnsafeTemporaryAllocation(byteCount: Limits.vectorRows, alignment: 16) { buffer in
            guard let bytes = buffer.baseAddress else { return }
            let flags = bytes.assumingMemoryBound(to: UInt8.self)
            var first = 0
            while first < rowCount {
                let count = min(Limits.vectorRows, rowCount &- first)
                for row in 0..<count { flags[row] = test(first &+ row) ? 1 : 0 }
                let words = wordCount(count)
                for row in count..<words &* 64 { flags[row] = 0 }
                ByteMasks.nonZero(bytes, wordCount: words, into: mask + first &>> 6)
                first &+= Limits.vectorRows
            }
        }
    }

    /// A mask of the bytes that are not zero.
    package static func nonZero(
        _ bytes: UnsafePointer<UInt8>, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>
    ) {
        build(rowCount: rowCount, into: mask) { bytes[$0] != 0 }
    }

    /// Bytes 0 or 1 of a mask's bits.
    package static func expand(
        _ mask: UnsafePointer<UInt64>, rowCount: Int, into bytes: UnsafeMutablePointer<UInt8>
    ) {
        for row in 0..<rowCount {
            bytes[row] = UInt8(truncatingIfNeeded: mask[row &>> 6] &>> UInt64(row & 63)) & 1
        }
    }
}
