import StoaBase
import StoaCompute
import StoaModel
import Testing

@Suite struct CompareKernelsTests {
    static let lanes: [Lane] = [.constant, .u8, .u16, .u32, .u64]

    @Test("a range test on any lane selects what the plain values say", arguments: UInt64(0)..<24)
    func ranges(seed: UInt64) {
        var random = SeededRandom(seed: seed &+ 1_000)
        for lane in Self.lanes {
            for isUnsigned in [false, true] {
                let fixture = LaneFixture(lane, seed: seed, rowCount: 333, isUnsigned: isUnsigned)
                let first = fixture.values[Int(random.next() % 333)]
                let second = fixture.values[Int(random.next() % 333)]
                let ranges: [ClosedRange<Int128>] = [
                    min(first, second)...max(first, second), first...first,
                    first + 1...first + 1 + Int128(random.next() >> 8), .min ... .max,
                    .min...second, second...(.max), (1 << 100)...(1 << 101),
                ]
                for range in ranges {
                    withMask { mask in
                        CompareKernels.inRange(
                            fixture.integers, range, isUnsigned: isUnsigned, rowCount: 333,
                            into: mask)
                        #expect(bits(mask, 333) == fixture.values.map { range.contains($0) })
                        #expect(mask[333 / 64] >> UInt64(333 % 64) == 0)
                    }
                }
            }
        }
    }

    @Test("a range is found where a narrow line comes round the end of its domain")
    func roundTheEnd() {
        let numbers = (0..<256).map { UInt8($0) }
        for (base, isUnsigned) in [(Int64(-9), true), (Int64.max - 9, false)] {
            let values = numbers.map { number in
                let pattern = base &+ Int64(number)
                return isUnsigned ? Int128(UInt64(bitPattern: pattern)) : Int128(pattern)
            }
            let ends: [Int128] = [.min, Int128(Int64.min) + 50, -1, 0, 5, values[0], values[9]]
            for low in ends {
                for high in ends + [.max] where low <= high {
                    withMask { mask in
                        numbers.withUnsafeBytes { bytes in
                            guard let address = bytes.baseAddress else { return }
                            CompareKernels.inRange(
                                Vector.Integers(lane: .u8, values: address, base: base),
                                low...high, isUnsigned: isUnsigned, rowCount: 256, into: mask)
                        }
                        #expect(bits(mask, 256) == values.map { (low...high).contains($0) })
                    }
                }
            }
        }
    }

    @Test("widening gives back the values of every lane", arguments: UInt64(0)..<12)
    func widening(seed: UInt64) {
        for lane in Self.lanes {
            let fixture = LaneFixture(lane, seed: seed)
            let buffer = UnsafeMutablePointer<Int64>.allocate(capacity: 4_096)
            defer { buffer.deallocate() }
            let wide = IntegerLanes.widen(fixture.integers, rowCount: 4_000, into: buffer)
            #expect((0..<4_000).allSatisfy { Int128(wide[$0]) == fixture.values[$0] })
            let sum = SumKernels.sum(wide, mask: fixture.validMask, rowCount: 4_000)
            let expected = zip(fixture.values, fixture.isValid).reduce(Int128(0)) {
                $1.1 ? $0 + $1.0 : $0
            }
            #expect(sum == expected)
        }
    }

    @Test("integers and floats compare as real numbers")
    func integerFloat() {
        let floats: [Double] = [
            0, -0.0, 0.5, -0.5, 0x1p53, 0x1p53 + 2, 0x1p63, -0x1p63, 0x1p64, 1e300, -1e300,
            .infinity, -.infinity, 9_007_199_254_740_992, Double.leastNonzeroMagnitude,
        ]
        let integers: [Int128] = [
            0, 1, -1, 1 << 53, 1 << 53 + 1, Int128(Int64.max), Int128(Int64.min), 1 << 64,
        ]
        for float in floats {
            for integer in integers {
                let expected = Self.slowOrder(integer, float)
                #expect(ExactCompare.order(integer, scale: 0, float: float).signum() == expected)
                for relation in Relation.allCases where float.isFinite {
                    let range = ExactCompare.range(relation, float, scale: 0)
                    var isIn = range?.contains(integer) ?? false
                    if relation == .notEqual { isIn.toggle() }
                    #expect(isIn == relation.holds(isLess: expected < 0, isEqual: expected == 0))
                }
            }
        }
        #expect(ExactCompare.order(Int128.max, scale: 0, float: .nan) < 0)
    }

    /// By whole and fractional part, another way than the kernel's.
    private static func slowOrder(_ integer: Int128, _ float: Double) -> Int {
        if float >= 0x1p100 { return -1 }
        if float <= -0x1p100 { return 1 }
        let whole = Int128(float.rounded(.down))
        if integer != whole { return integer < whole ? -1 : 1 }
        return float > float.rounded(.down) ? -1 : 0
    }

    @Test("a decimal constant is not the double that looks like it")
    func decimalFloat() {
        // 0.1 as a double is a little more than a tenth; 0.5 is a half.
        #expect(ExactCompare.order(1, scale: 1, float: 0.1) < 0)
        #expect(ExactCompare.order(5, scale: 1, float: 0.5) == 0)
        #expect(ExactCompare.order(3, scale: 1, float: 0.1 + 0.2) < 0)
        #expect(ExactCompare.order(.powerOfTen(37), scale: 37, float: 1) == 0)
        #expect(ExactCompare.order(-1, scale: 38, float: -Double.leastNonzeroMagnitude) < 0)
    }

    @Test("decimals of two scales compare without overflow")
    func scales() {
        let big = Int128.powerOfTen(38) - 1
        #expect(ExactCompare.order(1, .powerOfTen(38), big, 1) > 0)
        #expect(ExactCompare.order(-big, .powerOfTen(30), big, 1) < 0)
        #expect(ExactCompare.order(big, 1, big, .powerOfTen(9)) < 0)
        #expect(ExactCompare.order(150, 1, 15, 10) == 0)
        #expect(ExactCompare.range(.less, 15, constantScale: 1, scale: 0) == .min...1)
        #expect(ExactCompare.range(.greaterOrEqual, 15, constantScale: 1, scale: 0) == 2...(.max))
        #expect(ExactCompare.range(.less, -15, constantScale: 1, scale: 0) == .min ... -2)
        #expect(ExactCompare.range(.equal, 15, constantScale: 1, scale: 0) == nil)
        #expect(ExactCompare.range(.equal, big, constantScale: 0, scale: 9) == nil)
    }

    @Test("order keys order floats, one zero, one NaN on top, and lead back")
    func keys() {
        let ordered: [Double] = [
            -.infinity, -.greatestFiniteMagnitude, -1, -.leastNonzeroMagnitude, 0,
            .leastNonzeroMagnitude, 1, .infinity, .nan,
        ]
        let keys = ordered.map { OrderKey.key($0) }
        #expect(keys == keys.sorted())
        #expect(Set(keys).count == keys.count)
        #expect(OrderKey.key(-0.0) == OrderKey.key(0.0))
        #expect(OrderKey.key(-.nan) == OrderKey.key(.nan))
        for value in ordered.dropLast() {
            #expect(OrderKey.float(OrderKey.key(value)) == value)
        }
        #expect(OrderKey.float(OrderKey.key(.nan)).isNaN)
    }
}
