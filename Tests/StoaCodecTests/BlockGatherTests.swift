import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Single rows of blocks against what a read of the whole block gives.
@Suite struct BlockGatherTests {
    /// Rows that rise by `step`, with a stretch of neighbours in every vector.
    static func rows(_ rowCount: Int, step: Int) -> [UInt16] {
        (0..<rowCount).filter { $0 % step == 0 || $0 % 1_024 < 40 && step > 100 }
            .prefix(Limits.batchRows).map(UInt16.init)
    }

    /// A few neighbours here and there, nulls and the values behind them among them.
    static func bunches(_ rowCount: Int) -> [UInt16] {
        (0..<rowCount).filter { $0 * 11 % 700 < 99 && $0 % 1_024 < 150 }.map(UInt16.init)
    }

    static func gathered(_ reader: BlockReader, _ rows: [UInt16]) -> [BlockFixture.Cell] {
        let scratch = VectorScratch()
        return rows.withUnsafeBufferPointer {
            let vector = reader.gather($0.baseAddress!, count: $0.count, into: scratch)
            return (0..<vector.rowCount).map { BlockFixture.cell(vector, $0) }
        }
    }

    @Test(
        "a gather gives the rows of a read, in every encoding",
        arguments: ForcedEncodingTests.Forced.allCases)
    func integers(forced: ForcedEncodingTests.Forced) throws {
        for shape in IntegerShape.allCases {
            let values = shape.values(seed: 11)
            for nulls in [NullShape.none, .alternating, .mostly, .wholeVectors] {
                for isCompact in nulls == .none ? [true] : [true, false] {
                    guard
                        let block = ForcedEncodingTests.encode(
                            values, forced, nulls: nulls, isCompact: isCompact)
                    else { continue }
                    let reader = try BlockReader(
                        Bytes(block.bytes), kind: .integers(isUnsigned: false),
                        rowCount: values.count, dictionary: nil)
                    let cells = BlockRoundTripTests.cells(values, nulls)
                    let lists = [1, 17, 901].map { Self.rows(values.count, step: $0) }
                    for rows in lists + [Self.bunches(values.count)] {
                        let isSame = Self.gathered(reader, rows) == rows.map { cells[Int($0)] }
                        #expect(isSame, "\(shape) \(nulls) \(block.description) \(rows.count)")
                    }
                }
            }
        }
    }

    @Test("strings and floats are gathered as they are read")
    func others() throws {
        let strings = (0..<5_000).map {
            "name-\($0 * 7_919 % 4_999)-\(String(repeating: "x", count: $0 % 9))"
        }
        for nulls in [NullShape.none, .alternating, .fewScattered] {
            let text = BlockFixture.encode(strings, nulls: nulls)
            let doubles = (0..<5_000).map { $0 % 3 == 0 ? -0.0 : Double($0) / 7 }
            let floats = BlockFixture.encode(doubles, nulls: nulls)
            let singles = BlockFixture.encode(doubles.map(Float.init), nulls: nulls)
            for (block, kind) in [
                (text, BlockKind.strings), (floats, .float64), (singles, .float32),
            ] {
                let reader = try BlockReader(
                    Bytes(block.bytes), kind: kind, rowCount: 5_000, dictionary: nil)
                let cells = BlockFixture.readAll(reader)
                for step in [1, 3, 450] {
                    let rows = Self.rows(5_000, step: step)
                    let isSame = Self.gathered(reader, rows) == rows.map { cells[Int($0)] }
                    #expect(isSame, "\(nulls) \(block.description) \(step)")
                }
            }
        }
    }
}
