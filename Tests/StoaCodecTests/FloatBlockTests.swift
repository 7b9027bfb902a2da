import StoaBase
import StoaCodec
import StoaModel
import Testing

@Suite struct FloatBlockTests {
    enum FloatShape: String, CaseIterable {
        case payloads, prices, random, widened, constant, runs, fewDistinct
        case normal, subnormal, coordinates, wholeAndHuge, mostlyZero, seventeenDigits

        func values(count: Int) -> [Double] {
            var random = SeededRandom(seed: 11)
            let special: [UInt64] = [
                0x7FF8_0000_0000_0001, 0xFFF8_0000_0000_0000, 0x7FF0_0000_0000_0001,
                (-0.0).bitPattern, (0.0).bitPattern, Double.infinity.bitPattern,
                (-Double.infinity).bitPattern, 1, 0x8000_0000_0000_0001,
            ]
            return (0..<count).map { row in
                let bits = random.next()
                return switch self {
                case .payloads: Double(bitPattern: special[row % special.count])
                case .prices: Double(bits % 100_000) / 100
                case .random: Double(bitPattern: bits)
                case .widened: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits >> 33)))
                case .constant: -0.0
                case .runs: Double(row / 40) / 3
                case .fewDistinct: Double(bits % 7) / 7
                case .normal: Self.normal(&random)
                case .subnormal: Double(bitPattern: bits >> 12 | bits << 63)
                case .coordinates: Double(bits % 3_600_000_000_000) / 1e10 - 180 + 1e-14
                case .wholeAndHuge: row % 9 == 0 ? 1e300 : Double(Int64(bits % 2_001) - 1_000)
                case .mostlyZero: row % 31 == 0 ? Double(bits % 1_000) / 3 : 0
                case .seventeenDigits: Double(bits >> 11) / 1e17
                }
            }
        }

        /// A draw from the standard normal distribution, near enough: a sum of twelve.
        static func normal(_ random: inout SeededRandom) -> Double {
            var sum = -6.0
            for _ in 0..<12 { sum += Double(random.next() >> 11) * 0x1p-53 }
            return sum
        }
    }

    @Test(
        "doubles come back bit for bit, NaN payloads and -0.0 too",
        arguments: FloatShape.allCases)
    func doubles(shape: FloatShape) throws {
        for (count, nulls) in [
            (1, NullShape.none), (1_025, .none), (9_000, .alternating), (9_000, .fewScattered),
            (9_000, .none),
        ] {
            let values = shape.values(count: count)
            let block = BlockFixture.encode(values, nulls: nulls)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: .float64, rowCount: count, dictionary: nil)
            let expected = values.indices.map { row in
                nulls.isNull(row, of: count)
                    ? BlockFixture.Cell.null : .bits(values[row].bitPattern)
            }
            let isSame = BlockFixture.readAll(reader) == expected
            #expect(isSame, "\(count) \(nulls) \(block.description)")
        }
    }

    @Test(
        "floats come back bit for bit from every encoding, read whole or in parts",
        arguments: [Encoding.alp, .alpRealDouble, .plain, .frameOfReference, .runLength])
    func forced(encoding: Encoding) throws {
        for shape in FloatShape.allCases {
            for (count, nulls) in [
                (1, NullShape.none), (1_024, .none), (5_000, .none), (5_000, .alternating),
                (5_000, .wholeVectors),
            ] {
                let doubles = shape.values(count: count)
                let floats = doubles.map { Float($0) }
                try check(
                    BlockFixture.force(doubles, encoding, nulls: nulls), .float64, nulls,
                    doubles.map { $0.bitPattern })
                try check(
                    BlockFixture.force(doubles, encoding, nulls: nulls, isCompact: false),
                    .float64, nulls, doubles.map { $0.bitPattern })
                try check(
                    BlockFixture.force(floats, encoding, nulls: nulls), .float32, nulls,
                    floats.map { UInt64($0.bitPattern) })
            }
        }
    }

    /// Reads a block in batches, and at every whole vector.
    private func check(
        _ block: EncodedBlock?, _ kind: BlockKind, _ nulls: NullShape, _ bits: [UInt64]
    ) throws {
        let block = try #require(block)
        let reader = try BlockReader(
            Bytes(block.bytes), kind: kind, rowCount: bits.count, dictionary: nil)
        #expect(reader.description == block.description)
        let expected = bits.indices.map { row in
            nulls.isNull(row, of: bits.count) ? BlockFixture.Cell.null : .bits(bits[row])
        }
        let isSame = BlockFixture.readAll(reader) == expected
        #expect(isSame, "\(nulls) \(block.description)")
        let scratch = VectorScratch()
        for first in stride(from: 0, to: bits.count, by: 1_024) {
            let rowCount = min(2_049, bits.count - first)
            let part = BlockFixture.read(reader, first, rowCount, scratch)
            let isPart = part == Array(expected[first..<first + rowCount])
            #expect(isPart, "\(nulls) \(first) \(block.description)")
        }
        for step in [3, 401] {
            let rows = BlockGatherTests.rows(bits.count, step: step)
            let isSame =
                BlockGatherTests.gathered(reader, rows) == rows.map { expected[Int($0)] }
            #expect(isSame, "\(nulls) \(step) \(block.description)")
        }
    }

    @Test("decimals cost what their integers cost, and real doubles less than their bits")
    func sizes() {
        func bits(_ shape: FloatShape, _ count: Int) -> (Double, Encoding) {
            let block = BlockFixture.encode(shape.values(count: count))
            return (Double(block.bytes.count * 8) / Double(count), block.rootEncoding)
        }
        let prices = bits(.prices, 65_536)
        #expect(prices.1 == .alp && prices.0 < 17.1)
        let normal = bits(.normal, 45_800)
        #expect(normal.1 == .alpRealDouble && normal.0 < 56.5)
        #expect(bits(.coordinates, 65_536).0 < 58)
    }

    @Test("floats come back bit for bit", arguments: FloatShape.allCases)
    func floats(shape: FloatShape) throws {
        let values = shape.values(count: 5_000).map { double in
            // A signalling NaN must not pass through arithmetic.
            Float(bitPattern: UInt32(truncatingIfNeeded: double.bitPattern >> 32))
        }
        for nulls in [NullShape.none, .longStretch] {
            let block = BlockFixture.encode(values, nulls: nulls)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: .float32, rowCount: values.count, dictionary: nil)
            let expected = values.indices.map { row in
                nulls.isNull(row, of: values.count)
                    ? BlockFixture.Cell.null : .bits(UInt64(values[row].bitPattern))
            }
            let isSame = BlockFixture.readAll(reader) == expected
            #expect(isSame, "\(nulls) \(block.description)")
        }
    }
}
