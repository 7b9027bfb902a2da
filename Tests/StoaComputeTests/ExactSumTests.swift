import StoaBase
import StoaCompute
import Testing

@Suite struct ExactSumTests {
    private let tiny = Double.leastNonzeroMagnitude

    private func sum(_ values: [Double], dividedBy divisor: UInt64 = 1) -> Double {
        let pool = FloatSumPool()
        var sum = FloatSum()
        for value in values { sum.add(value, pool: pool) }
        return sum.rounded(dividedBy: divisor, pool: pool)
    }

    /// The exact sum as a big integer in units of 2^-1074, one bit per array cell, then rounded
    /// by hand: slow, and nothing like the accumulator.
    private func slowSum(_ values: [Double]) -> Double {
        var digits = [Int](repeating: 0, count: 2_300)
        for value in values where value != 0 {
            let exponent = value.isNormal ? Int(value.exponent) - 52 : -1_074
            var mantissa = value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)
            var place = exponent + 1_074
            while mantissa != 0 {
                digits[place] += mantissa & 1 == 1 ? (value < 0 ? -1 : 1) : 0
                mantissa >>= 1
                place += 1
            }
        }
        var isNegative = false
        if let top = digits.lastIndex(where: { $0 != 0 }), Self.isNegative(digits, top) {
            isNegative = true
            digits = digits.map { -$0 }
        }
        for place in 0..<digits.count - 1 {
            let carry = digits[place] >> 1
            digits[place] -= carry * 2
            digits[place + 1] += carry
        }
        guard let top = digits.lastIndex(of: 1) else { return 0 }
        let unit = max(0, top - 52)
        var mantissa: UInt64 = 0
        for place in stride(from: top, through: unit, by: -1) {
            mantissa = mantissa * 2 + UInt64(digits[place])
        }
        if unit > 0, digits[unit - 1] == 1 {
            let hasTail = digits[..<(unit - 1)].contains(1)
            if hasTail || mantissa & 1 == 1 { mantissa += 1 }
        }
        if unit > 2_045 { return isNegative ? -.infinity : .infinity }
        let value = Double(mantissa) * Double(sign: .plus, exponent: unit - 1_074, significand: 1)
        return isNegative ? -value : value
    }

    /// Whether digits of any size add up to less than zero.
    private static func isNegative(_ digits: [Int], _ top: Int) -> Bool {
        var digits = digits
        for place in 0..<digits.count - 1 {
            let carry = digits[place] >> 1
            digits[place] -= carry * 2
            digits[place + 1] += carry
        }
        return digits[digits.count - 1] < 0
    }

    private func sign(_ random: inout SeededRandom) -> Double { random.next() % 2 == 0 ? 1 : -1 }

    private func values(_ seed: UInt64) -> [Double] {
        var random = SeededRandom(seed: seed)
        return (0..<300).map { _ in
            switch seed % 4 {
            case 0: return Double(Int64(bitPattern: random.next())) / 1e15
            case 1:
                // Any bit pattern of a finite double.
                let value = Double(bitPattern: random.next())
                return value.isFinite ? value : 1
            case 2: return Double(bitPattern: random.next() >> 12) * sign(&random)
            default: return Double(random.next() % 1_000) / 100 * sign(&random)
            }
        }
    }

    @Test("a sum is the exact sum rounded once", arguments: UInt64(0)..<40)
    func exact(seed: UInt64) {
        let values = values(seed)
        #expect(sum(values) == slowSum(values))
    }

    @Test("a sum has the same bits in every order and every split", arguments: UInt64(0)..<40)
    func order(seed: UInt64) {
        var random = SeededRandom(seed: seed &+ 99)
        let values = values(seed)
        let expected = sum(values).bitPattern
        for _ in 0..<5 {
            #expect(sum(values.shuffled(using: &random)).bitPattern == expected)
        }
        let cut = Int(random.next() % 300)
        let (pool, otherPool) = (FloatSumPool(), FloatSumPool())
        var (left, right) = (FloatSum(), FloatSum())
        for value in values[..<cut] { left.add(value, pool: pool) }
        for value in values[cut...] { right.add(value, pool: otherPool) }
        left.merge(right, from: otherPool, pool: pool)
        #expect(left.rounded(pool: pool).bitPattern == expected)
    }

    @Test("what naive addition loses is kept")
    func known() {
        #expect(sum([1e308, 1e308, -1e308, -1e308, 1]) == 1)
        #expect(sum([1, 1e100, 1, -1e100]) == 2)
        #expect(sum(Array(repeating: 0.1, count: 10)) == 1)
        #expect(sum([1e308, 1e308]) == .infinity)
        #expect(sum([-1e308, -1e308]) == -.infinity)
        #expect(sum([tiny, tiny]) == 2 * tiny)
        #expect(sum([.infinity, 1, 2]) == .infinity)
        #expect(sum([.infinity, -.infinity]).isNaN)
        #expect(sum([1, .nan]).isNaN)
        #expect(sum([]) == 0)
        // Half way between two doubles: to the even one; a little more: up.
        #expect(sum([0x1p53, 1]) == 0x1p53)
        #expect(sum([0x1p53, 1, 0x1p-100]) == 0x1p53 + 2)
        #expect(sum([0x1p53 + 2, 1]) == 0x1p53 + 4)
    }

    @Test("an average is the exact quotient rounded once")
    func average() {
        #expect(sum([0.1, 0.2, 0.3], dividedBy: 3) == 0.2)
        #expect(sum([1e308, 1e308], dividedBy: 2) == 1e308)
        #expect(sum([tiny, 0], dividedBy: 2) == 0)
        #expect(sum([tiny, 2 * tiny], dividedBy: 2) == 2 * tiny)
        #expect(sum([1, 1, 2], dividedBy: 3) == 4.0 / 3.0)
    }

    @Test("ratios of integers are rounded once", arguments: UInt64(0)..<20)
    func ratios(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let numerator =
                Int128(truncatingIfNeeded: random.next()) << Int128(random.next() % 60)
                | Int128(random.next() >> 8)
            let denominator = UInt128(random.next() >> (random.next() % 63)) | 1
            let ratio = BinaryRatio.nearest(numerator, over: denominator)
            // The neighbours are no nearer: |r·d − n| is least, decided in exact arithmetic.
            let order = Self.error(ratio, numerator, denominator)
            #expect(!(Self.error(ratio.nextUp, numerator, denominator) < order))
            #expect(!(Self.error(ratio.nextDown, numerator, denominator) < order))
        }
    }

    /// |value × denominator − numerator| × 2^k as an exact sum, compared as a double expansion.
    private static func error(
        _ value: Double, _ numerator: Int128, _ denominator: UInt128
    ) -> Double {
        var total = ExactAccumulator()
        let exponent = Int(value.exponent) - 52
        let mantissa = Int128(value.significandBitPattern | 1 << 52) * (value < 0 ? -1 : 1)
        // Both terms as parts of at most 64 bits, far above the lowest bit.
        let low = Int128(UInt64(truncatingIfNeeded: denominator))
        total.add(mantissa * low, atBit: 1_074 + exponent)
        total.add(-numerator, atBit: 1_074)
        return total.rounded().magnitude
    }
}
