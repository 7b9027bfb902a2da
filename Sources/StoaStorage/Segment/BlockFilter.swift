internal import StoaBase

/// The filter of one block: a split-block Bloom filter, which says of a value that it is not among
/// the block's, or that it may be.
///
/// A value's 64-bit hash chooses a bucket of 256 bits by its upper half and sets one bit in each of
/// the bucket's eight words by its lower half. A reader touches one cache line.
///
/// Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters" (2007); the
/// salts and the choice of bits are those of Apache Parquet.
package enum BlockFilter {
    static let bucketByteCount = 32
    /// With so many one absent value in 190 passes: one block too many in a segment set of 190.
    static let bitsPerValueLimit = 12
    /// With so many one in 30 passes; with fewer too many blocks would be read all the same.
    static let bitsPerValueLeast = 8
    /// Beyond the fewest bits a filter takes at most this part of its block's encoded bytes…
    static let shareOfBlock = 10
    /// …and the fewest bits at most this part.
    static let largestShareOfBlock = 7

    private static let salts: [UInt32] = [
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D,
        0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31,
    ]

    /// Buckets for a block, 0: the block gets no filter.
    static func bucketCount(valueCount: Int, encodedByteCount: Int) -> Int {
        let least = valueCount * bitsPerValueLeast / 8
        let most = valueCount * bitsPerValueLimit / 8
        // Whole buckets: the fewest bits are rounded up, so that they are there.
        let wanted = max(least, min(most, encodedByteCount / shareOfBlock))
        let bucketCount = (wanted + bucketByteCount - 1) / bucketByteCount
        return bucketCount * bucketByteCount <= encodedByteCount / largestShareOfBlock
            ? bucketCount : 0
    }

    /// Adds a hash; whether it was certainly not there before.
    @inline(__always)
    static func insert(
        _ hash: UInt64, into words: UnsafeMutablePointer<UInt32>, bucketCount: Int
    ) -> Bool {
        let bucket = words + bucket(hash, bucketCount) * 8
        let low = UInt32(truncatingIfNeeded: hash)
        var isNew = false
        for index in 0..<8 {
            let bit: UInt32 = 1 << ((low &* salts[index]) >> 27)
            isNew = isNew || bucket[index] & bit == 0
            bucket[index] |= bit
        }
        return isNew
    }

    /// Whether a value of that hash may be among those of the filter.
    static func mayContain(_ hash: UInt64, _ filter: Bytes) -> Bool {
        let bucketCount = filter.count / bucketByteCount
        let start = bucket(hash, bucketCount) * bucketByteCount
        let low = UInt32(truncatingIfNeeded: hash)
        for index in 0..<8 {
            let word: UInt32 = filter.integer(at: start + index * 4)
            if word >> ((low &* salts[index]) >> 27) & 1 == 0 { return false }
        }
        return true
    }

    @inline(__always)
    private static func bucket(_ hash: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(count)) >> 32)
    }

    // MARK: Hashes

    /// The hash of an integer-backed value by its stored 64-bit pattern.
    package static func hash(_ pattern: Int64) -> UInt64 { mix(UInt64(bitPattern: pattern)) }

    /// The hash of a string: its bytes eight at a time, the last ones filled with zeros, and its
    /// length.
    package static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(text.count) &* 0x9E37_79B9_7F4A_7C15
        guard let base = text.baseAddress else { return mix(hash) }
        var index = 0
        while index + 8 <= text.count {
            hash = mix(hash ^ UInt64(littleEndian: (base + index).loadUnaligned(as: UInt64.self)))
            index += 8
        }
        var rest: UInt64 = 0
        for (shift, place) in (index..<text.count).enumerated() {
            rest |= UInt64(text[place]) << UInt64(8 * shift)
        }
        return mix(hash ^ rest)
    }

    /// The finaliser of SplitMix64.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var word = value &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
