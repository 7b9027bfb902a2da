internal import StoaBase
internal import StoaModel

/// Range tests of decoded numbers, in the lane they come in.
enum RangeKernels {
    /// Words of a mask of one vector.
    static let wordCount = Limits.vectorRows / 64

    /// For the first `rowCount` numbers: `result` = the bits of `mask` whose number n has
    /// `n - low ≤ span`. Words of `mask` without bits cost nothing.
    static func test(
        _ numbers: UnsafeRawPointer, lane: Lane, low: UInt64, span: UInt64, rowCount: Int,
        mask: UnsafePointer<UInt64>, into result: UnsafeMutablePointer<UInt64>
    ) {
        switch lane {
        case .constant:
            let passes = 0 &- low <= span
            for word in 0..<(rowCount + 63) / 64 { result[word] = passes ? mask[word] : 0 }
        case .u8: bytes(numbers, low, span, rowCount, mask, result)
        case .u16: shorts(numbers, low, span, rowCount, mask, result)
        case .u32: words(numbers, low, span, rowCount, mask, result)
        case .u64: longs(numbers, low, span, rowCount, mask, result)
        }
    }

    /// For the first `rowCount` codes, `base + multiplier × n`: `result` = the bits of `mask`
    /// whose code is in the set.
    static func look(
        up source: Vector.Integers, in set: CodeSet, rowCount: Int,
        mask: UnsafePointer<UInt64>, into result: UnsafeMutablePointer<UInt64>
    ) {
        let base = UInt32(truncatingIfNeeded: source.base)
        let multiplier = UInt32(truncatingIfNeeded: source.multiplier)
        switch source.lane {
        case .constant:
            let passes = set.contains(Int(base))
            for word in 0..<(rowCount + 63) / 64 { result[word] = passes ? mask[word] : 0 }
        case .u8:
            look(source.values, UInt8.self, (base, multiplier), set, rowCount, mask, result)
        case .u16:
            look(source.values, UInt16.self, (base, multiplier), set, rowCount, mask, result)
        case .u32:
            look(source.values, UInt32.self, (base, multiplier), set, rowCount, mask, result)
        case .u64:
            look(source.values, UInt64.self, (base, multiplier), set, rowCount, mask, result)
        }
    }

    // MARK: One entry per lane

    @inline(never)
    private static func bytes(
        _ numbers: UnsafeRawPointer, _ low: UInt64, _ span: UInt64, _ rowCount: Int,
        _ mask: UnsafePointer<UInt64>, _ result: UnsafeMutablePointer<UInt64>
    ) { run(numbers, UInt8.self, low, span, rowCount, mask, result) }

    @inline(never)
    private static func shorts(
        _ numbers: UnsafeRawPointer, _ low: UInt64, _ span: UInt64, _ rowCount: Int,
        _ mask: UnsafePointer<UInt64>, _ result: UnsafeMutablePointer<UInt64>
    ) { run(numbers, UInt16.self, low, span, rowCount, mask, result) }

    @inline(never)
    private static func words(
        _ numbers: UnsafeRawPointer, _ low: UInt64, _ span: UInt64, _ rowCount: Int,
        _ mask: UnsafePointer<UInt64>, _ result: UnsafeMutablePointer<UInt64>
    ) { run(numbers, UInt32.self, low, span, rowCount, mask, result) }

    @inline(never)
    private static func longs(
        _ numbers: UnsafeRawPointer, _ low: UInt64, _ span: UInt64, _ rowCount: Int,
        _ mask: UnsafePointer<UInt64>, _ result: UnsafeMutablePointer<UInt64>
    ) { run(numbers, UInt64.self, low, span, rowCount, mask, result) }

    /// A byte per number first, then their bits: reading bytes back right behind their stores
    /// would wait for them.
    @inline(__always)
    private static func run<T: FixedWidthInteger & UnsignedInteger>(
        _ numbers: UnsafeRawPointer, _: T.Type, _ low: UInt64, _ span: UInt64, _ rowCount: Int,
        _ mask: UnsafePointer<UInt64>, _ result: UnsafeMutablePointer<UInt64>
    ) {
        let source = numbers.assumingMemoryBound(to: T.self)
        let low = T(truncatingIfNeeded: low)
        let span = T(clamping: span)
        // More, or a stricter alignment, would come from the heap.
        withUnsafeTemporaryAllocation(byteCount: Limits.vectorRows, alignment: 16) { buffer in
            guard let bytes = buffer.baseAddress else { return }
            let flags = bytes.assumingMemoryBound(to: UInt8.self)
            for row in 0..<rowCount { flags[row] = source[row] &- low <= span ? 1 : 0 }
            let wordCount = (rowCount &+ 63) &>> 6
            for row in rowCount..<wordCount &<< 6 { flags[row] = 0 }
            ByteMasks.nonZero(bytes, wordCount: wordCount, into: result)
            for word in 0..<wordCount { result[word] &= mask[word] }
        }
    }

    @inline(__always)
    private static func look<T: FixedWidthInteger & UnsignedInteger>(
        _ numbers: UnsafeRawPointer, _: T.Type, _ line: (base: UInt32, multiplier: UInt32),
        _ set: CodeSet, _ rowCount: Int, _ mask: UnsafePointer<UInt64>,
        _ result: UnsafeMutablePointer<UInt64>
    ) {
        let answers = set.answers, indexMask = set.indexMask
        let first = numbers.assumingMemoryBound(to: T.self)
        for word in 0..<(rowCount + 63) / 64 {
            var open = mask[word], bits: UInt64 = 0
            let source = first + word &* 64
            while open != 0 {
                let row = open.trailingZeroBitCount
                let code = line.base &+ line.multiplier &* UInt32(truncatingIfNeeded: source[row])
                bits |= UInt64(answers[Int(code) & indexMask]) &<< UInt64(truncatingIfNeeded: row)
                open &= open &- 1
            }
            result[word] = bits
        }
    }
}
