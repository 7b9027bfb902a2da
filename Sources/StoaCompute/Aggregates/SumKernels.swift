/// Exact sums of selected rows of a batch of 64-bit numbers.
package enum SumKernels {
    /// The sum of the rows in `mask`; patterns are signed.
    package static func sum(
        _ values: UnsafePointer<Int64>, mask: UnsafePointer<UInt64>, rowCount: Int
    ) -> Int128 {
        var total: Int128 = 0
        var first = 0
        let wordCount = MaskWords.wordCount(rowCount)
        while first < wordCount {
            // Runs of full words take the kernel that vectorises.
            var end = first
            while end < wordCount, mask[end] == .max { end &+= 1 }
            if end > first {
                total &+= sumAll(values + first &* 64, count: (end &- first) &* 64)
                first = end
                continue
            }
            total &+= sumSome(values + first &* 64, bits: mask[first])
            first &+= 1
        }
        return total
    }

    /// High and low halves apart: 4,096 numbers of 32 bits never pass 64.
    private static func sumAll(_ values: UnsafePointer<Int64>, count: Int) -> Int128 {
        var low: UInt64 = 0
        var high: Int64 = 0
        for row in 0..<count {
            low &+= UInt64(bitPattern: values[row]) & 0xFFFF_FFFF
            high &+= values[row] &>> 32
        }
        return Int128(high) &<< 32 &+ Int128(low)
    }

    private static func sumSome(_ values: UnsafePointer<Int64>, bits: UInt64) -> Int128 {
        var low: UInt64 = 0
        var high: Int64 = 0
        var bits = bits
        while bits != 0 {
            let value = values[bits.trailingZeroBitCount]
            low &+= UInt64(bitPattern: value) & 0xFFFF_FFFF
            high &+= value &>> 32
            bits &= bits &- 1
        }
        return Int128(high) &<< 32 &+ Int128(low)
    }

    /// The sum of the rows in `mask` modulo 2^64, for numbers whose bounds prove that it fits.
    package static func sumWithin(
        _ values: UnsafePointer<Int64>, mask: UnsafePointer<UInt64>, rowCount: Int
    ) -> Int64 {
        var total: Int64 = 0
        for word in 0..<MaskWords.wordCount(rowCount) {
            var bits = mask[word]
            let rows = values + word &* 64
            if bits == .max {
                for row in 0..<64 { total &+= rows[row] }
                continue
            }
            while bits != 0 {
                total &+= rows[bits.trailingZeroBitCount]
                bits &= bits &- 1
            }
        }
        return total
    }

    /// Smallest and largest of the rows in `mask`; nil when it is empty.
    package static func bounds(
        _ values: UnsafePointer<Int64>, mask: UnsafePointer<UInt64>, rowCount: Int
    ) -> ClosedRange<Int64>? {
        var low = Int64.max
        var high = Int64.min
        var isEmpty = true
        for word in 0..<MaskWords.wordCount(rowCount) {
            var bits = mask[word]
            guard bits != 0 else { continue }
            isEmpty = false
            let rows = values + word &* 64
            if bits == .max {
                for row in 0..<64 {
                    low = rows[row] < low ? rows[row] : low
                    high = rows[row] > high ? rows[row] : high
                }
                continue
            }
            while bits != 0 {
                let value = rows[bits.trailingZeroBitCount]
                low = value < low ? value : low
                high = value > high ? value : high
                bits &= bits &- 1
            }
        }
        return isEmpty ? nil : low...high
    }
}
