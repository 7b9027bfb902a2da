import StoaBase
import StoaCompute
import StoaModel
import Testing

@Suite struct GroupSumTests {
    /// Rows of a batch in memory of their own.
    private final class Batch {
        let rows = UnsafeMutablePointer<UInt16>.allocate(capacity: 4_096)
        let groups = UnsafeMutablePointer<UInt32>.allocate(capacity: 4_096)
        let values = UnsafeMutablePointer<Int64>.allocate(capacity: 4_096)
        let validity = UnsafeMutablePointer<UInt64>.allocate(capacity: 64)

        init() {
            for row in 0..<4_096 { rows[row] = UInt16(row) }
            validity.initialize(repeating: .max, count: 64)
        }

        deinit {
            rows.deallocate()
            groups.deallocate()
            values.deallocate()
            validity.deallocate()
        }
    }

    @Test(
        "one addition makes sums and counts of few groups, at every lane's limit",
        arguments: [Lane.u8, .u16, .u32], [1, 3, 255])
    func sumsAndCounts(lane: Lane, groupCount: Int) throws {
        let budget = MemoryBudget(byteCountLimit: 64 << 20)
        let batch = Batch()
        let largest = lane == .u32 ? UInt64(UInt32.max) : 1 << UInt64(lane.byteCount * 8) - 1
        for (base, multiplier) in [(Int64(0), Int64(1)), (-1_000_000_007, 3), (1 << 40, 1)] {
            let state = IntegerSumState(isWide: false, budget: budget)
            let tally = GroupTally(isCounting: true, budget: budget)
            state.share(tally)
            try state.grow(to: groupCount)
            try tally.grow(to: groupCount)
            var sums = [Int128](repeating: 0, count: groupCount)
            var counts = [Int64](repeating: 0, count: groupCount)
            for count in [4_096, 4_096, 61] {
                let memory = UnsafeMutableRawPointer(batch.values)
                for row in 0..<4_096 {
                    let number = row % 5 == 0 ? UInt64(row % 200) : largest
                    switch lane {
                    case .u8:
                        memory.storeBytes(of: UInt8(number), toByteOffset: row, as: UInt8.self)
                    case .u16:
                        memory.storeBytes(
                            of: UInt16(number), toByteOffset: row * 2, as: UInt16.self)
                    default:
                        memory.storeBytes(
                            of: UInt32(number), toByteOffset: row * 4, as: UInt32.self)
                    }
                    batch.groups[row] = UInt32(row % 7 == 0 ? row % groupCount : 0)
                    guard row < count else { continue }
                    let group = Int(batch.groups[row])
                    sums[group] += Int128(base) + Int128(multiplier) * Int128(number)
                    counts[group] += 1
                }
                let rows = GroupedRows(
                    rows: batch.rows, groups: batch.groups, count: count, isWhole: true)
                let top = Int128(base) + Int128(multiplier) * Int128(largest)
                try state.add(
                    Vector.Integers(
                        lane: lane, values: memory, base: base, multiplier: multiplier),
                    bounds: min(Int128(base), top)...max(Int128(base), top), isUnsigned: false,
                    validity: nil, rows: rows)
                tally.add(rows)
            }
            for group in 0..<groupCount {
                #expect(state.sum(group) == sums[group])
                #expect(tally.count(group) == counts[group])
                #expect(state.count(group) == counts[group])
            }
        }
    }

    @Test("sums are exact however they are split between 64 and 128 bits", arguments: 1..<9)
    func sums(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let budget = MemoryBudget(byteCountLimit: 64 << 20)
        let groupCount = seed % 2 == 0 ? 7 : 900
        let shared = seed % 3 == 0
        let counting = seed % 4 < 2
        var parts: [(state: IntegerSumState, tally: GroupTally)] = []
        var expected = [Int128](repeating: 0, count: groupCount)
        var values = [Int](repeating: 0, count: groupCount)
        let batch = Batch()
        for _ in 0..<2 {
            let state = IntegerSumState(isWide: false, budget: budget)
            let tally = GroupTally(isCounting: counting, budget: budget)
            if shared { state.share(tally) }
            try state.grow(to: groupCount)
            try tally.grow(to: groupCount)
            for round in 0..<24 {
                let bits = UInt64(seed * 7 + round * 2) % 63 + 1
                let count = round % 3 == 0 ? 4_096 : 1_000
                let isOneGroup = round % 5 == 0
                let hasNulls = round > 12 && round % 2 == 0
                var low = Int64.max
                var high = Int64.min
                for row in 0..<count {
                    let value = Int64(truncatingIfNeeded: random.next()) >> Int64(64 - bits)
                    batch.values[row] = value
                    (low, high) = (min(low, value), max(high, value))
                    batch.groups[row] =
                        isOneGroup ? 3 : UInt32(random.next() % UInt64(groupCount))
                    let isNull = hasNulls && random.next() % 4 == 0
                    let bit = UInt64(1) << UInt64(row & 63)
                    if isNull {
                        batch.validity[row >> 6] &= ~bit
                    } else {
                        batch.validity[row >> 6] |= bit
                        expected[Int(batch.groups[row])] += Int128(value)
                        values[Int(batch.groups[row])] += 1
                    }
                }
                let rows = GroupedRows(
                    rows: batch.rows, groups: batch.groups, count: count, isWhole: true,
                    isOneGroup: isOneGroup)
                try state.add(
                    Vector.Integers(lane: .u64, values: batch.values),
                    bounds: Int128(low)...Int128(high), isUnsigned: false,
                    validity: hasNulls ? UnsafePointer(batch.validity) : nil, rows: rows)
                tally.add(rows)
            }
            parts.append((state, tally))
        }
        let all = (0..<UInt32(groupCount)).map { $0 }
        try all.withUnsafeBufferPointer { groups in
            let base = try #require(groups.baseAddress)
            let pairs = GroupPairs(sources: base, targets: base, count: groupCount)
            try parts[0].state.merge(parts[1].state, pairs)
            parts[0].tally.merge(parts[1].tally, pairs)
        }
        for group in 0..<groupCount {
            #expect(parts[0].state.sum(group) == expected[group])
            #expect(parts[0].state.hasValue(group) == (values[group] > 0))
            if !shared || counting {
                #expect(parts[0].state.count(group) == Int64(values[group]))
            }
        }
    }

    @Test("steps of one length are found as by division", arguments: UInt64(1)..<6)
    func steps(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for step in [1, 2, 3, 7, 1_000, 60_000_000, 3_600_000_000, 1 << 40, Int64.max / 3] {
            let origin = Int64(bitPattern: random.next()) >> 8
            let steps = UnitSteps(origin: origin, step: step)
            for _ in 0..<200 {
                let distance = Int64(random.next() >> (2 + random.next() % 60))
                #expect(steps.index(origin + distance) == UInt64(distance / step))
            }
            #expect(steps.start(3) == origin &+ 3 &* step)
        }
    }
}
