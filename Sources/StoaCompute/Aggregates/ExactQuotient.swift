/// Rounds what exact sums lead to: a big integer times a power of two, divided by some numbers,
/// maybe under a square root, to the nearest double, ties to even. There is one rounding, the last
/// step; the result may be subnormal, zero or infinite.
///
/// The memory is used again for each result; one user at a time.
final class ExactQuotient {
    /// Words of the largest numerator: n·Σx² of doubles.
    static let wordCountLimit = LongSum.squareWordCount + 2
    /// Most divisors of 64 bits.
    private static let divisorCountLimit = 12
    private static let capacity = wordCountLimit + divisorCountLimit + 2

    /// The numerator, least word first; `wordCountLimit` words may be written.
    var numerator: UnsafeMutablePointer<UInt64> { buffer + lowWordCount }
    /// Zero words below the numerator: a word for each divisor and two for the result's bits.
    private var lowWordCount: Int { divisors.count + 2 }
    private let buffer: UnsafeMutablePointer<UInt64>
    private var divisors: [UInt64] = []

    init() {
        buffer = .allocate(capacity: Self.capacity)
        buffer.initialize(repeating: 0, count: Self.capacity)
        divisors.reserveCapacity(Self.divisorCountLimit)
    }

    deinit { buffer.deallocate() }

    /// Begins a quotient; `numerator` is written next.
    func begin(dividingBy first: UInt64, _ second: UInt64 = 1, timesTenTo digits: Int = 0) {
        divisors.removeAll(keepingCapacity: true)
        if first > 1 { divisors.append(first) }
        if second > 1 { divisors.append(second) }
        var digits = digits
        while digits > 0 {
            let some = min(digits, 19)
            var power: UInt64 = 1
            for _ in 0..<some { power &*= 10 }
            divisors.append(power)
            digits -= some
        }
    }

    /// `numerator × 2^exponent ÷ divisors`, whose numerator has `count` words.
    func rounded(_ count: Int, exponent: Int) -> Double {
        let (end, isSticky) = divide(count)
        return Self.nearest(buffer, end, exponent: exponent - lowWordCount * 64, isSticky: isSticky)
    }

    /// The square root of what `rounded` says, rounded once.
    func squareRoot(_ count: Int, exponent: Int) -> Double {
        var (end, isSticky) = divide(count)
        guard end > 0 else { return 0 }
        let exponent = exponent - lowWordCount * 64
        let topBit = end * 64 - buffer[end - 1].leadingZeroBitCount
        // 125 or 126 bits of the radicand, at an even exponent, give a root of 63 bits.
        var cut = topBit - 126
        if (exponent + cut) & 1 != 0 { cut += 1 }
        let low = WordArithmetic.bits(buffer, end, from: cut)
        let high = WordArithmetic.bits(buffer, end, from: cut + 64)
        isSticky = isSticky || WordArithmetic.hasBits(buffer, end, below: cut)
        let radicand = UInt128(high) << 64 | UInt128(low)
        let root = Self.squareRoot(radicand)
        isSticky = isSticky || UInt128(root) * UInt128(root) != radicand
        let rootExponent = (exponent + cut) / 2 - 128
        buffer[0] = 0
        buffer[1] = 0
        buffer[2] = root
        return Self.nearest(buffer, 3, exponent: rootExponent, isSticky: isSticky)
    }

    /// Divides in place; returns the words of the quotient and whether something was cut off.
    private func divide(_ count: Int) -> (wordCount: Int, isSticky: Bool) {
        buffer.update(repeating: 0, count: lowWordCount)
        var end = WordArithmetic.significantCount(buffer, count + lowWordCount)
        var isSticky = false
        for divisor in divisors {
            if WordArithmetic.divide(buffer, end, by: divisor) != 0 { isSticky = true }
            end = WordArithmetic.significantCount(buffer, end)
        }
        return (end, isSticky)
    }

    /// The largest number whose square is not above `radicand`, which is below 2^126.
    private static func squareRoot(_ radicand: UInt128) -> UInt64 {
        let estimate = Double(UInt64(truncatingIfNeeded: radicand >> 64)) * 0x1p64
        var root = UInt64(max(1, estimate.squareRoot()))
        // One step of Newton's takes the estimate's 50 good bits beyond 63.
        root = UInt64(truncatingIfNeeded: (UInt128(root) + radicand / UInt128(root)) >> 1)
        while UInt128(root) * UInt128(root) > radicand { root -= 1 }
        while UInt128(root + 1) * UInt128(root + 1) <= radicand { root += 1 }
        return root
    }

    /// `words × 2^exponent` and, if sticky, a little more. A number that is not zero has more
    /// than 64 bits.
    private static func nearest(
        _ words: UnsafeMutablePointer<UInt64>, _ count: Int, exponent: Int, isSticky: Bool
    ) -> Double {
        guard count > 0 else { return 0 }
        let topBit = count * 64 - 1 - words[count - 1].leadingZeroBitCount
        // The lowest bit that a double can keep: 52 below the top, never under 2^-1074.
        let unitBit = max(topBit - 52, -1_074 - exponent)
        let unitExponent = unitBit + exponent
        if unitExponent > 971 { return .infinity }
        var mantissa = WordArithmetic.bits(words, count, from: unitBit) & (1 << 53 - 1)
        let half = WordArithmetic.bits(words, count, from: unitBit - 1) & 1 == 1
        if half {
            let hasTail =
                isSticky || WordArithmetic.hasBits(words, count, below: unitBit - 1)
            if hasTail || mantissa & 1 == 1 { mantissa += 1 }
        }
        // A carry to 2^53 is exact as a double; beyond the largest it becomes infinite.
        return Double(mantissa) * Double(sign: .plus, exponent: unitExponent, significand: 1)
    }
}
