import StoaBase
import StoaCodec
import StoaModel
import Testing

@Suite struct FloatBlockTests {
    enum FloatShape: String, CaseIterable {
        case payloads, prices, random, widened, constant, runs, fewDistinct

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
                }
            }
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
