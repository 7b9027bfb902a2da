import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Filters on encoded blocks against a test of every value that a read gives back.
@Suite struct BlockFilterTests {
    typealias Cell = BlockFixture.Cell

    /// The rows that a filter keeps, asked for `step` rows at a time, with every third word of the
    /// mask empty before when `isSparse`.
    static func kept(
        _ reader: BlockReader, _ test: ColumnTest, step: Int, isSparse: Bool = false
    ) -> [Bool]? {
        let scratch = VectorScratch()
        var result: [Bool] = []
        for first in stride(from: 0, to: reader.rowCount, by: step) {
            let count = min(step, reader.rowCount - first)
            var mask = Self.startMask(rowCount: count, isSparse: isSparse)
            let isKnown = mask.withUnsafeMutableBufferPointer {
                reader.filter(
                    test, firstRow: first, rowCount: count, keeping: $0.baseAddress!,
                    scratch: scratch)
            }
            guard isKnown else { return nil }
            result += (0..<count).map { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
            let unused = (0..<mask.count * 64).dropFirst(count)
            #expect(unused.allSatisfy { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 0 })
        }
        return result
    }

    static func startMask(rowCount: Int, isSparse: Bool) -> [UInt64] {
        (0..<(rowCount + 63) / 64).map { word in
            let used = rowCount - word * 64
            let bits: UInt64 = isSparse ? (word % 3 == 0 ? 0 : 0x8000_0000_0100_0001) : .max
            return used >= 64 ? bits : bits & ((1 << UInt64(used)) - 1)
        }
    }

    static func expected(
        _ cells: [Cell], step: Int, isSparse: Bool, _ passes: (Cell) -> Bool
    ) -> [Bool] {
        let mask = startMask(rowCount: step, isSparse: isSparse)
        return cells.enumerated().map { row, cell in
            let place = row % step
            return mask[place / 64] >> UInt64(place % 64) & 1 == 1 && passes(cell)
        }
    }

    /// Ranges around the values: at them, beside them, wide, narrow, empty, several.
    static func ranges(_ values: [Int64], isUnsigned: Bool) -> [[ClosedRange<Int128>]] {
        func value(_ row: Int) -> Int128 {
            isUnsigned ? Int128(UInt64(bitPattern: values[row])) : Int128(values[row])
        }
        let (a, b) = (value(values.count / 3), value(values.count / 2))
        let all = values.indices.map(value)
        let low = all.min() ?? 0, high = all.max() ?? 0
        let middle = low + (high - low) / 2
        return [
            [a...a], [min(a, b)...max(a, b)], [.min...a], [a + 1...(.max)], [low...high], [],
            [.min...low - 1], [high + 1...(.max)], [low + 1...high + 1], [middle...middle + 100],
            [.min...a - 1, a + 1...(.max)], [low...low, high...high].uniqued(),
            [low - 5...low + 3, middle...middle + 9].uniqued(),
        ]
    }

    @Test(
        "a filter keeps the rows whose value is in the ranges, in every encoding",
        arguments: ForcedEncodingTests.Forced.allCases, [false, true])
    func integers(forced: ForcedEncodingTests.Forced, isUnsigned: Bool) throws {
        var blockCount = 0
        let nullShapes: [NullShape] = [.none, .alternating, .fewScattered, .wholeVectors, .last]
        for shape in IntegerShape.allCases {
            let values = shape.values(seed: 3)
            for nulls in nullShapes {
                for isCompact in nulls == .none ? [true] : [true, false] {
                    guard
                        let block = ForcedEncodingTests.encode(
                            values, forced, nulls: nulls, isCompact: isCompact,
                            isUnsigned: isUnsigned)
                    else { continue }
                    let reader = try BlockReader(
                        Bytes(block.bytes), kind: .integers(isUnsigned: isUnsigned),
                        rowCount: values.count, dictionary: nil)
                    blockCount += 1
                    let cells = BlockRoundTripTests.cells(values, nulls)
                    for (index, ranges) in Self.ranges(values, isUnsigned: isUnsigned).enumerated()
                    {
                        let isSparse = index % 2 == 1
                        let step = index % 3 == 0 ? 4_096 : 65_536
                        let found = Self.kept(
                            reader, .integers(ranges), step: step, isSparse: isSparse)
                        let wanted = Self.expected(cells, step: step, isSparse: isSparse) {
                            guard case .bits(let bits) = $0 else { return false }
                            let value =
                                isUnsigned ? Int128(bits) : Int128(Int64(bitPattern: bits))
                            return ranges.contains { $0.contains(value) }
                        }
                        let isSame = found == wanted
                        #expect(isSame, "\(shape) \(nulls) \(block.description) \(ranges)")
                    }
                }
            }
        }
        #expect(
            blockCount >= (forced == .constant ? 8 : forced == .sequence ? 5 : 20),
            "the encoding was tried")
    }

    @Test("NULL tests keep the rows that are null, or the others")
    func nulls() throws {
        let values = IntegerShape.randomNarrow.values()
        for nulls in NullShape.allCases {
            let block = BlockFixture.encode(values, nulls: nulls)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: .integers(isUnsigned: false), rowCount: values.count,
                dictionary: nil)
            let expected = values.indices.map { nulls.isNull($0, of: values.count) }
            #expect(Self.kept(reader, .isNull, step: 65_536) == expected)
            #expect(Self.kept(reader, .isNotNull, step: 4_096) == expected.map { !$0 })
        }
    }

    static let doubles: [Double] = [
        0, -0.0, 1.5, -1.5, .nan, -.nan, .signalingNaN, .infinity, -.infinity, 1e300, -1e300,
        .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 3.25, 0.1, -0.1,
    ]

    @Test(
        "floats pass by their order keys: -0.0 is 0.0, every NaN is one value above infinity",
        arguments: [false, true])
    func floats(isSingle: Bool) throws {
        let values = (0..<3_000).map { Self.doubles[($0 * 7 + $0 / 16) % Self.doubles.count] }
        let singles = values.map(Float.init)
        let block = isSingle ? BlockFixture.encode(singles) : BlockFixture.encode(values)
        let reader = try BlockReader(
            Bytes(block.bytes), kind: isSingle ? .float32 : .float64, rowCount: values.count,
            dictionary: nil)
        let keys = isSingle ? singles.map { OrderKey.key(Double($0)) } : values.map(OrderKey.key)
        let ends = Set(Self.doubles.map(OrderKey.key) + [.min, -1, 1, .max]).sorted()
        for low in ends {
            for high in ends where high >= low {
                let found = Self.kept(reader, .floats([low...high]), step: 4_096)
                let isSame = found == keys.map { (low...high).contains($0) }
                #expect(isSame, "\(low) … \(high)")
            }
        }
    }

    @Test("codes pass by their set", arguments: [7, 300, 60_000])
    func codes(distinctCount: Int) throws {
        var random = SeededRandom(seed: 5)
        let strings = (0..<distinctCount).map { Array("\($0 + 100_000)".utf8) }
        let dictionary = StringDictionary(strings, isSorted: true)
        let codes = (0..<20_000).map { _ in UInt32(random.next() % UInt64(distinctCount)) }
        for nulls in [NullShape.none, .alternating, .longStretch] {
            let block = BlockFixture.encode(codes: codes, nulls: nulls)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: .codes, rowCount: codes.count, dictionary: dictionary)
            let sets: [(Int) -> Bool] = [
                { _ in false }, { _ in true }, { $0 == 5 }, { $0 % 3 == 0 }, { $0 < 4 },
                { $0 > distinctCount / 2 }, { $0 == 1 || $0 == distinctCount - 1 },
            ]
            for passes in sets {
                let set = CodeSet(count: distinctCount, passes)
                let expected = codes.enumerated().map {
                    passes(Int($1)) && !nulls.isNull($0, of: codes.count)
                }
                #expect(Self.kept(reader, .codes(set), step: 65_536) == expected)
            }
        }
    }

    @Test("a block of nulls passes IS NULL alone")
    func allNull() throws {
        let words = [UInt64](repeating: 0, count: 32)
        let block = BlockFixture.withWords(words) { validity in
            [Int64](repeating: 3, count: 2_000).withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .integers($0.baseAddress!, isUnsigned: false), rowCount: 2_000,
                    validity: validity)
            }
        }
        let reader = try BlockReader(
            Bytes(block.bytes), kind: .integers(isUnsigned: false), rowCount: 2_000,
            dictionary: nil)
        #expect(Self.kept(reader, .isNull, step: 4_096)?.allSatisfy { $0 } == true)
        for test in [ColumnTest.isNotNull, .integers([.min...(.max)])] {
            #expect(Self.kept(reader, test, step: 4_096)?.contains(true) == false)
        }
    }
}

extension [ClosedRange<Int128>] {
    /// Without ranges that touch the one before.
    func uniqued() -> Self {
        reduce(into: []) { result, range in
            if let last = result.last, range.lowerBound <= last.upperBound + 1 { return }
            result.append(range)
        }
    }
}
