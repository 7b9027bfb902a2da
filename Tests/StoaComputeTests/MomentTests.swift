import StoaBase
import StoaCompute
import Testing

@Suite struct MomentTests {
    static let budget = MemoryBudget(byteCountLimit: 1 << 30)
    static let moments: [FloatMomentState.Moment] = [
        .sum, .average, .populationVariance, .sampleVariance, .populationDeviation,
        .sampleDeviation,
    ]

    /// Values of one kind by seed: near each other, far apart, of any exponent, equal, tiny.
    static func values(_ seed: UInt64, count: Int) -> [Double] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            let wild = random.next()
            let sign: Double = wild & 1 == 0 ? 1 : -1
            switch seed % 8 {
            case 0: return Double(Int64(bitPattern: wild)) / 1e15
            case 1: return sign * Double(wild % 1_000_000) / 100
            case 2:
                let value = Double(bitPattern: wild)
                return value.isFinite && value.magnitude < 0x1p480 ? value : 1
            case 3:
                return sign * Double(sign: .plus, exponent: Int(wild % 80) - 40, significand: 1.7)
            case 4: return 1e9 + Double(wild % 1_000) / 1_024
            case 5: return wild % 50 == 0 ? sign * 1e100 : Double(wild % 1_000) / 7
            case 6: return sign * Double(bitPattern: wild >> 12)
            default: return wild % 3 == 0 ? 0.0 : sign * Double(wild >> 11) * 0x1p-60
            }
        }
    }

    /// Rows 0, 1, 2 …, all of group 0, for the life of the process.
    // SAFETY: written once, before anyone reads it.
    nonisolated(unsafe) static let firstRows: GroupedRows = {
        let rows = UnsafeMutablePointer<UInt16>.allocate(capacity: Limits.batchRows)
        let groups = UnsafeMutablePointer<UInt32>.allocate(capacity: Limits.batchRows)
        for row in 0..<Limits.batchRows {
            rows[row] = UInt16(row)
            groups[row] = 0
        }
        return GroupedRows(rows: rows, groups: groups, count: Limits.batchRows)
    }()

    static func rows(_ count: Int) -> GroupedRows {
        GroupedRows(rows: firstRows.rows, groups: firstRows.groups, count: count)
    }

    /// Adds values to group 0 in batches, by rows or by masks.
    static func fill(
        _ values: [Double], byMask: Bool,
        addRows: (UnsafePointer<Double>, GroupedRows) throws -> Void,
        addMask: (UnsafePointer<Double>, UnsafePointer<UInt64>, Int) throws -> Void
    ) rethrows {
        var first = 0
        while first < values.count {
            let count = min(Limits.batchRows, values.count - first)
            var mask = [UInt64](repeating: .max, count: Limits.batchRows / 64)
            MaskWords.fill(&mask, rowCount: count)
            let batch = Array(values[first..<first + count])
            if byMask {
                try addMask(batch, mask, count)
            } else {
                try addRows(batch, rows(count))
            }
            first += count
        }
    }

    static func state(
        _ values: [Double], byMask: Bool = false, choice: FloatGridChoice = FloatGridChoice()
    ) throws -> FloatMomentState {
        let state = FloatMomentState(choice: choice, budget: budget)
        try state.grow(to: 1)
        try fill(
            values, byMask: byMask,
            addRows: { try state.add($0, validity: nil, rows: $1) },
            addMask: { try state.add($0, mask: $1, rowCount: $2, to: 0) })
        return state
    }

    @Test("moments are the exact ones rounded once", arguments: UInt64(0)..<48)
    func exact(seed: UInt64) throws {
        let values = Self.values(seed, count: Int(seed * 37 % 700) + 2)
        let slow = SlowMoments(values)
        for byMask in [false, true] {
            let state = try Self.state(values, byMask: byMask)
            func value(_ moment: FloatMomentState.Moment) throws -> Double {
                try #require(state.value(moment, of: 0))
            }
            #expect(slow.isSum(try value(.sum)))
            #expect(slow.isSum(try value(.average), dividedBy: Int128(values.count)))
            #expect(slow.isVariance(try value(.populationVariance), isSample: false))
            #expect(slow.isVariance(try value(.sampleVariance), isSample: true))
            #expect(slow.isDeviation(try value(.populationDeviation), isSample: false))
            #expect(slow.isDeviation(try value(.sampleDeviation), isSample: true))
        }
    }

    @Test(
        "moments have the same bits in every order, split and tree of merges",
        arguments: UInt64(0)..<24)
    func order(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &+ 7)
        let values = Self.values(seed, count: 9_000)
        let one = try Self.state(values)
        let expected = Self.moments.map { one.value($0, of: 0)?.bitPattern }
        let sumState = try ExactSumTests.state(values)
        #expect(sumState.sum(0).bitPattern == expected[0])
        for round in 0..<3 {
            var rest = values.shuffled(using: &random)[...]
            var parts: [FloatMomentState] = []
            var sums: [FloatSumState] = []
            let choice = FloatGridChoice()
            while !rest.isEmpty {
                let part = Array(rest.prefix(Int(random.next() % 4_000)))
                rest = rest.dropFirst(part.count)
                let own = round == 0 ? choice : FloatGridChoice()
                parts.append(try Self.state(part, byMask: random.next() % 2 == 0, choice: own))
                sums.append(try ExactSumTests.state(part, byMask: random.next() % 2 == 0))
            }
            while parts.count > 1 {
                let from = Int(random.next() % UInt64(parts.count))
                let (part, sum) = (parts.remove(at: from), sums.remove(at: from))
                let into = Int(random.next() % UInt64(parts.count))
                let pairs = GroupPairs(
                    sources: Self.firstRows.groups, targets: Self.firstRows.groups, count: 1)
                try parts[into].merge(part, pairs)
                try sums[into].merge(sum, pairs)
            }
            #expect(Self.moments.map { parts[0].value($0, of: 0)?.bitPattern } == expected)
            #expect(sums[0].sum(0).bitPattern == expected[0])
            #expect(sums[0].average(0).bitPattern == expected[1])
        }
    }

    @Test("groups that share batches do not mix")
    func groups() throws {
        var random = SeededRandom(seed: 5)
        let groupCount = 37
        let moments = FloatMomentState(budget: Self.budget)
        let sums = FloatSumState(budget: Self.budget)
        try moments.grow(to: groupCount)
        try sums.grow(to: groupCount)
        var expected = [[Double]](repeating: [], count: groupCount)
        let groups = UnsafeMutablePointer<UInt32>.allocate(capacity: Limits.batchRows)
        defer { groups.deallocate() }
        let rows = 0..<Limits.batchRows
        for batch in 0..<12 {
            var values = Self.values(UInt64(batch), count: Limits.batchRows)
            var validity: [UInt64] = []
            for _ in 0..<Limits.batchRows / 64 { validity.append(random.next() | random.next()) }
            for row in 0..<Limits.batchRows {
                let wild = min(random.next() % UInt64(groupCount), random.next() % 40 + 1)
                groups[row] = UInt32(wild) % UInt32(groupCount)
            }
            for row in rows where !MaskWords.isSet(validity, row) {
                values[row] = .nan
            }
            for row in rows where MaskWords.isSet(validity, row) {
                expected[Int(groups[row])].append(values[row])
            }
            let grouped = GroupedRows(
                rows: Self.firstRows.rows, groups: groups, count: rows.count)
            try moments.add(values, validity: validity, rows: grouped)
            try sums.add(values, validity: validity, rows: grouped)
        }
        for group in 0..<groupCount {
            #expect(moments.count(group) == Int64(expected[group].count))
            #expect(sums.count(group) == Int64(expected[group].count))
            let alone = try Self.state(expected[group])
            for moment in Self.moments {
                #expect(
                    moments.value(moment, of: group)?.bitPattern
                        == alone.value(moment, of: 0)?.bitPattern)
            }
            if !expected[group].isEmpty {
                #expect(sums.sum(group).bitPattern == alone.value(.sum, of: 0)?.bitPattern)
            }
        }
    }

    @Test(
        "null rows of whole batches add nothing, to one group, few or many",
        arguments: [1, 5, 8, 9, 64, 1_000])
    func wholeBatches(groupCount: Int) throws {
        var random = SeededRandom(seed: UInt64(groupCount))
        let moments = FloatMomentState(budget: Self.budget)
        let sums = FloatSumState(budget: Self.budget)
        try moments.grow(to: groupCount)
        try sums.grow(to: groupCount)
        var expected = [[Double]](repeating: [], count: groupCount)
        for count in [Limits.batchRows, 4_001, 65, 1_000] {
            var values = Self.values(1, count: count)
            let validity = (0..<Limits.batchRows / 64).map { _ in random.next() | random.next() }
            // Most rows are of one group: its places pass a byte's lowest bits in each word.
            let groups = (0..<count).map { _ in
                random.next() % 4 == 0 ? UInt32(random.next() % UInt64(groupCount)) : 0
            }
            for row in 0..<count {
                if MaskWords.isSet(validity, row) {
                    expected[Int(groups[row])].append(values[row])
                } else {
                    values[row] = count == 4_001 ? .nan : 12.5
                }
            }
            try groups.withUnsafeBufferPointer { buffer in
                let base = try #require(buffer.baseAddress)
                let rows = GroupedRows(
                    rows: Self.firstRows.rows, groups: base, count: count, isWhole: true,
                    isOneGroup: groupCount == 1)
                try moments.add(values, validity: validity, rows: rows)
                try sums.add(values, validity: validity, rows: rows)
            }
        }
        for group in 0..<groupCount where !expected[group].isEmpty {
            let alone = try Self.state(expected[group])
            #expect(moments.count(group) == Int64(expected[group].count))
            #expect(sums.count(group) == Int64(expected[group].count))
            let bits = alone.value(.sum, of: 0)?.bitPattern
            #expect(sums.sum(group).bitPattern == bits)
            for moment in Self.moments {
                #expect(
                    moments.value(moment, of: group)?.bitPattern
                        == alone.value(moment, of: 0)?.bitPattern)
            }
        }
    }

    @Test("integers as large as the grids allow do not run over", arguments: [false, true])
    func longRuns(byMask: Bool) throws {
        // 48 orders of magnitude leave the grids no room above the largest value.
        let large: UInt64 = 1 << 48 - 1
        let values = (0..<100_000).map { $0 % 8 == 0 ? 1 : Double(large) }
        let sum = try ExactSumTests.state(values, byMask: byMask)
        #expect(sum.sum(0) == Double(87_500 * Int128(large) + 12_500))
    }

    @Test("integers that fill a cell while values stand out lose nothing")
    func fullCells() throws {
        // The last value of each 4,096 lies off the grids, just where a cell would be emptied.
        let values = (0..<200_000).map { $0 % 4_096 == 4_095 ? 0x1p-90 : 0x1.fffffffffffffp3 }
        let state = try Self.state(values)
        let sum = try ExactSumTests.state(values)
        let count = 200_000 / 4_096
        // 16 - 2^-49 each, and what is off the grids vanishes in the rounding.
        let exact = Double(200_000 - count) * 16 - Double(200_000 - count) * 0x1p-49
        #expect(state.value(.sum, of: 0) == exact)
        #expect(sum.sum(0) == exact)
    }

    @Test("moments of special values")
    func specials() throws {
        func value(_ moment: FloatMomentState.Moment, _ values: [Double]) throws -> Double? {
            try Self.state(values).value(moment, of: 0)
        }
        #expect(try value(.sum, []) == nil)
        #expect(try value(.sampleVariance, [3]) == nil)
        #expect(try value(.populationVariance, [3]) == 0)
        #expect(try value(.sampleDeviation, [2, 4, 4, 4, 5, 5, 7, 9]) == 2.138089935299395)
        #expect(try value(.populationDeviation, [2, 4, 4, 4, 5, 5, 7, 9]) == 2)
        #expect(try value(.populationVariance, [-0.0, 0.0]) == 0)
        #expect(try value(.populationVariance, [1, .infinity])?.isNaN == true)
        #expect(try value(.sum, [1, .infinity]) == .infinity)
        #expect(try value(.average, [.infinity, -.infinity])?.isNaN == true)
        #expect(try value(.sum, [1, .nan])?.isNaN == true)
        // The variance is beyond the largest double, the deviation is not.
        #expect(try value(.populationVariance, [-1e200, 1e200]) == .infinity)
        #expect(try value(.populationDeviation, [-1e200, 1e200]) == 1e200)
        let tiny = Double.leastNonzeroMagnitude
        #expect(try value(.populationVariance, [-tiny, tiny]) == 0)
        #expect(try value(.populationDeviation, [-tiny, tiny]) == tiny)
        // Of equal values nothing is left, however they are written in binary.
        let equal = [Double](repeating: 0.1, count: 5_000)
        #expect(try value(.sampleDeviation, equal) == 0)
    }

    @Test("moments of integers are exact", arguments: UInt64(0)..<24)
    func integers(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let isUnsigned = seed % 3 == 0
        let numbers = (0..<300).map { _ in Int64(bitPattern: random.next() >> (seed % 40)) }
        let grouped = Self.rows(300)
        let narrow = IntegerMomentState(isWide: false, budget: Self.budget)
        let wide = IntegerMomentState(isWide: true, budget: Self.budget)
        try narrow.grow(to: 1)
        try wide.grow(to: 1)
        narrow.add(numbers, isUnsigned: isUnsigned, validity: nil, rows: grouped)
        let exact = numbers.map { isUnsigned ? Int128(UInt64(bitPattern: $0)) : Int128($0) }
        wide.add(wide: exact, validity: nil, rows: grouped)
        // A number of 64 bits is two doubles: the moments of the sum of the parts.
        var (sum, squares) = (BigNumber(0), BigNumber(0))
        for number in exact {
            sum = sum + BigNumber(number)
            squares = squares + BigNumber(number) * BigNumber(number)
        }
        let numerator = (BigNumber(300) * squares - sum * sum) << 1_100
        let value = try #require(narrow.value(.sampleVariance, of: 0, scale: 0))
        let error = { (value: Double) in
            (BigNumber(double: value) * BigNumber(300 * 299) - numerator).magnitude
        }
        #expect(!(error(value.nextUp) < error(value)) && !(error(value.nextDown) < error(value)))
        for moment in Self.moments.dropFirst(2) {
            #expect(
                narrow.value(moment, of: 0, scale: 2) == wide.value(moment, of: 0, scale: 2))
        }
        let hundredth = try #require(narrow.value(.populationDeviation, of: 0, scale: 2))
        let whole = try #require(narrow.value(.populationDeviation, of: 0, scale: 0))
        #expect((hundredth * 100 / whole - 1).magnitude < 1e-15)
    }
}
