import StoaBase
import StoaCompute
import Testing

@Suite struct ExactSumTests {
    private let tiny = Double.leastNonzeroMagnitude

    static func state(_ values: [Double], byMask: Bool = false) throws -> FloatSumState {
        let state = FloatSumState(budget: MomentTests.budget)
        try state.grow(to: 1)
        try MomentTests.fill(
            values, byMask: byMask,
            addRows: { try state.add($0, validity: nil, rows: $1) },
            addMask: { try state.add($0, mask: $1, rowCount: $2, to: 0) })
        return state
    }

    @Test("a group that fills its integers in every way of adding is exact", arguments: 0..<4)
    func fullIntegers(order: Int) throws {
        let state = FloatSumState(budget: MomentTests.budget)
        let other = FloatSumState(budget: MomentTests.budget)
        // Near the grid's limit, of one sign, and with few bits, so that doubles add them exactly.
        let values = (0..<4_096).map { 1.75 + Double($0 % 50) / 256 }
        let rows = (0..<4_096).map { UInt16($0) }
        let groups = [UInt32](repeating: 0, count: 4_096)
        var expected = 0.0
        func add(_ count: Int, to state: FloatSumState, isOneGroup: Bool) throws {
            try state.add(
                values, validity: nil,
                rows: GroupedRows(
                    rows: rows, groups: groups, count: count, isWhole: true,
                    isOneGroup: isOneGroup))
            expected += values[..<count].reduce(0, +)
        }
        try state.grow(to: 1)
        try other.grow(to: 1)
        // A tiny value, lost in the rounding, keeps the grid's limit at 2.
        try state.add(
            [0x1p-46, 1.75], validity: nil,
            rows: GroupedRows(
                rows: rows, groups: groups, count: 2, isWhole: true, isOneGroup: true))
        expected += 1.75
        try add(3_071, to: state, isOneGroup: true)
        try add(1_024, to: state, isOneGroup: true)
        if order % 2 == 1 {
            try add(2_300, to: other, isOneGroup: true)
            try groups.withUnsafeBufferPointer { zeros in
                guard let base = zeros.baseAddress else { return }
                try state.merge(other, GroupPairs(sources: base, targets: base, count: 1))
            }
        }
        // So many groups take each row on its own.
        try state.grow(to: 100)
        try add(order < 2 ? 4_094 : 4_091, to: state, isOneGroup: false)
        try add(4_096, to: state, isOneGroup: false)
        #expect(state.sum(0) == expected)
    }

    private func sum(_ values: [Double]) throws -> Double { try Self.state(values).sum(0) }

    private func average(_ values: [Double]) throws -> Double {
        try Self.state(values).average(0)
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
    func exact(seed: UInt64) throws {
        let values = values(seed)
        #expect(try sum(values) == slowSum(values))
        #expect(try Self.state(values, byMask: true).sum(0) == slowSum(values))
    }

    @Test("what naive addition loses is kept")
    func known() throws {
        #expect(try sum([1e308, 1e308, -1e308, -1e308, 1]) == 1)
        #expect(try sum([1, 1e100, 1, -1e100]) == 2)
        #expect(try sum(Array(repeating: 0.1, count: 10)) == 1)
        #expect(try sum([1e308, 1e308]) == .infinity)
        #expect(try sum([-1e308, -1e308]) == -.infinity)
        #expect(try sum([tiny, tiny]) == 2 * tiny)
        #expect(try sum([.infinity, 1, 2]) == .infinity)
        #expect(try sum([.infinity, -.infinity]).isNaN)
        #expect(try sum([1, .nan]).isNaN)
        #expect(try sum([]) == 0)
        // Half way between two doubles: to the even one; a little more: up.
        #expect(try sum([0x1p53, 1]) == 0x1p53)
        #expect(try sum([0x1p53, 1, 0x1p-100]) == 0x1p53 + 2)
        #expect(try sum([0x1p53 + 2, 1]) == 0x1p53 + 4)
    }

    @Test("an average is the exact quotient rounded once")
    func average() throws {
        #expect(try average([0.1, 0.2, 0.3]) == 0.2)
        #expect(try average([1e308, 1e308]) == 1e308)
        #expect(try average([tiny, 0]) == 0)
        #expect(try average([2 * tiny, 2 * tiny]) == 2 * tiny)
        #expect(try average([1, 1, 2]) == 4.0 / 3.0)
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
            let error = { (value: Double) in
                (BigNumber(double: value) * BigNumber(Int128(denominator))
                    - (BigNumber(numerator) << 1_100)).magnitude
            }
            #expect(!(error(ratio.nextUp) < error(ratio)))
            #expect(!(error(ratio.nextDown) < error(ratio)))
        }
    }
}
