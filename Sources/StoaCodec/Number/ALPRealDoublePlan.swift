internal import StoaBase
internal import StoaModel

/// Where to cut floats, and the codes of their left parts.
struct ALPRealDoublePlan {
    let format: FloatFormat
    let layout: ALPRealDoubleCodec.Layout
    let exceptionRows: [UInt16]
    /// The place of each row's left part among the coded ones; 0 for exceptions.
    let codes: HeapBytes

    var byteCount: Int { ALPRealDoubleCodec.byteCount(layout) }

    var text: String { ALPRealDoubleCodec.text(layout) }

    /// Nil when a look at some values says that no cut gets below `limit` bytes.
    init?(_ input: NumberInput, _ format: FloatFormat, limit: Int) {
        guard input.rowCount <= Limits.blockRowsLimit else { return nil }
        let (rightWidth, bits) = Self.bestCut(input, format)
        guard Int(bits * Double(input.rowCount) / 8) <= limit else { return nil }
        self.format = format
        let lefts = Self.frequentLefts(input, rightWidth, format)
        let codeWidth = Self.bestCodeWidth(lefts.counts, rowCount: input.rowCount)
        let coded = Array(lefts.values.prefix(1 << codeWidth))
        codes = HeapBytes(byteCount: input.rowCount)
        exceptionRows = Self.fillCodes(input, coded, rightWidth, into: codes.address)
        layout = ALPRealDoubleCodec.Layout(
            rowCount: input.rowCount, rightWidth: rightWidth, codeWidth: codeWidth, lefts: coded,
            exceptionCount: exceptionRows.count)
    }

    /// Bits of an exception: its row and its left part.
    private static let exceptionBits = 32

    // MARK: The cut

    /// The right width that seems to take the fewest bits per value, and how many.
    private static func bestCut(
        _ input: NumberInput, _ format: FloatFormat
    ) -> (rightWidth: Int, bits: Double) {
        let count = min(512, input.rowCount)
        let sample = (0..<count).map { input.values[input.rowCount * $0 / count] }.sorted()
        var best = (rightWidth: 0, bits: Double.infinity)
        for rightWidth in ALPRealDoubleCodec.rightWidths(format) {
            // Equal left parts stand together in the sorted sample.
            var counts: [Int] = []
            var first = 0
            for index in 1...count
            where index == count
                || sample[index] >> UInt64(rightWidth) != sample[first] >> UInt64(rightWidth)
            {
                counts.append(index - first)
                first = index
            }
            counts.sort(by: >)
            let codeWidth = bestCodeWidth(counts, rowCount: count)
            let coded = counts.prefix(1 << codeWidth).reduce(0, +)
            let bits =
                Double(rightWidth + codeWidth)
                + Double((count - coded) * exceptionBits) / Double(count)
            if bits < best.bits { best = (rightWidth, bits) }
        }
        return best
    }

    /// The code width of least size for left parts of these frequencies, falling.
    private static func bestCodeWidth(_ counts: [Int], rowCount: Int) -> Int {
        var best = (width: 0, bits: Int.max)
        for width in 0...ALPRealDoubleCodec.codeWidthLimit {
            let coded = counts.prefix(1 << width).reduce(0, +)
            let bits = rowCount * width + (rowCount - coded) * exceptionBits
            if bits < best.bits { best = (width, bits) }
        }
        return best.width
    }

    /// The most frequent left parts and their frequencies, falling.
    private static func frequentLefts(
        _ input: NumberInput, _ rightWidth: Int, _ format: FloatFormat
    ) -> (values: [UInt16], counts: [Int]) {
        var counts = [UInt32](repeating: 0, count: 1 << 16)
        let shift = UInt64(rightWidth)
        counts.withUnsafeMutableBufferPointer { all in
            for row in 0..<input.rowCount {
                all[Int(UInt16(truncatingIfNeeded: input.values[row] &>> shift))] &+= 1
            }
        }
        var found = counts.indices.filter { counts[$0] > 0 }
        found.sort { (counts[$0], $1) > (counts[$1], $0) }
        let most = found.prefix(1 << ALPRealDoubleCodec.codeWidthLimit)
        return (most.map { UInt16($0) }, most.map { Int(counts[$0]) })
    }

    /// Looks every row's left part up; returns the rows that have no code.
    private static func fillCodes(
        _ input: NumberInput, _ lefts: [UInt16], _ rightWidth: Int,
        into target: UnsafeMutableRawPointer
    ) -> [UInt16] {
        let table = HeapBytes(byteCount: 1 << 16)
        let codeOf = table.address.assumingMemoryBound(to: UInt8.self)
        codeOf.update(repeating: .max, count: 1 << 16)
        for (code, left) in lefts.enumerated() { codeOf[Int(left)] = UInt8(code) }
        let codes = target.assumingMemoryBound(to: UInt8.self)
        let shift = UInt64(rightWidth)
        var rows: [UInt16] = []
        for row in 0..<input.rowCount {
            let code = codeOf[Int(UInt16(truncatingIfNeeded: input.values[row] &>> shift))]
            codes[row] = code
            if code == .max {
                codes[row] = 0
                rows.append(UInt16(row))
            }
        }
        return rows
    }
}
