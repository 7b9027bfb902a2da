internal import StoaBase
internal import StoaModel

/// The integers and exceptions of an ALP node to write, and how the integers will be stored.
struct ALPPlan {
    let scale: ALPScale
    let numbers: NumberInput
    let numbersPlan: NumberPlan
    let exceptionRows: [UInt16]

    var byteCount: Int {
        ALPCodec.byteCount(
            exceptionCount: exceptionRows.count, format: scale.format,
            child: numbersPlan.byteCount(rowCount: numbers.rowCount))
    }

    var text: String {
        ALPCodec.text(scale, exceptionCount: exceptionRows.count, child: numbersPlan.text)
    }

    /// Nil when a look at some values says that no scale gets below `limit` bytes.
    init?(
        _ input: NumberInput, _ format: FloatFormat, _ rules: EncodingChooser.Rules, limit: Int
    ) {
        guard rules.depth >= 2, input.rowCount <= Limits.blockRowsLimit else { return nil }
        let (best, bits) = Self.bestScale(input, format)
        guard Int(bits * Double(input.rowCount) / 8) <= limit else { return nil }
        scale = best
        (numbers, exceptionRows) = Self.encode(input, best)
        // Exceptions alone may be too many already.
        guard exceptionRows.count * (2 + format.byteCount) <= limit else { return nil }
        var childRules = EncodingChooser.Rules(depth: rules.depth - 1, allowsLZ4: false)
        childRules.allowsRuns = rules.allowsRuns
        numbersPlan = EncodingChooser.choose(numbers, NumberProfile(numbers), childRules)
    }

    /// The integers of all rows; an exception repeats the integer before it.
    private static func encode(
        _ input: NumberInput, _ scale: ALPScale
    ) -> (numbers: NumberInput, exceptionRows: [UInt16]) {
        let buffer = NumberBuffer(capacity: input.rowCount)
        let flags = HeapBytes(byteCount: input.rowCount)
        let marks = flags.address.assumingMemoryBound(to: UInt8.self)
        scale.encode(input.values, count: input.rowCount, into: buffer.pointer, marks)
        let numbers = NumberInput(buffer, rowCount: input.rowCount, isUnsigned: false)
        var exceptionBit: UInt8 = 0
        for row in 0..<input.rowCount { exceptionBit |= marks[row] }
        guard exceptionBit != 0 else { return (numbers, []) }
        var rows: [UInt16] = []
        var previous: UInt64 = 0
        if let first = (0..<input.rowCount).first(where: { marks[$0] == 0 }) {
            previous = buffer.pointer[first]
        }
        for row in 0..<input.rowCount {
            if marks[row] == 0 {
                previous = buffer.pointer[row]
            } else {
                buffer.pointer[row] = previous
                rows.append(UInt16(row))
            }
        }
        return (numbers, rows)
    }

    // MARK: The scale

    /// Values looked at for the choice of a scale.
    private static let sampleCount = 96

    /// The scale that seems to take the fewest bits per value, and how many.
    private static func bestScale(
        _ input: NumberInput, _ format: FloatFormat
    ) -> (ALPScale, bits: Double) {
        let count = min(sampleCount, input.rowCount)
        let sample = (0..<count).map { input.values[input.rowCount * $0 / count] }
        var best = ALPScale(format: format, exponent: 0, factor: 0)
        var bestBits = Int.max
        for exponent in 0...ALPScale.exponentLimit(format) {
            for factor in 0...exponent {
                let scale = ALPScale(format: format, exponent: exponent, factor: factor)
                let bits = bits(of: sample, scale, below: bestBits)
                if bits < bestBits {
                    bestBits = bits
                    best = scale
                }
            }
        }
        return (best, Double(bestBits) / Double(max(1, count)))
    }

    /// Bits of a sample when all its integers have one width; given up at `limit`, which most
    /// scales reach after a few values.
    private static func bits(of sample: [UInt64], _ scale: ALPScale, below limit: Int) -> Int {
        let constants = ALPScale.Constants(scale)
        let exceptionBits = 16 + scale.format.byteCount * 8
        var low = Int64.max, high = Int64.min, exceptionCount = 0
        var bitCount = 0
        for (index, pattern) in sample.enumerated() {
            let (number, isException) =
                scale.format == .float64 ? constants.double(pattern) : constants.float(pattern)
            if isException == 0 {
                low = min(low, Int64(bitPattern: number))
                high = max(high, Int64(bitPattern: number))
            } else {
                exceptionCount += 1
            }
            guard index % 8 == 7 || index == sample.count - 1 else { continue }
            let width = low <= high ? UInt64(bitPattern: high &- low).width : 0
            bitCount = sample.count * width + exceptionCount * exceptionBits
            if bitCount >= limit { return .max }
        }
        return bitCount
    }
}
