import StoaBase
import StoaCodec
import StoaModel
import Testing

@Suite struct BlockRoundTripTests {
    typealias Cell = BlockFixture.Cell

    static func cells(_ values: [Int64], _ nulls: NullShape) -> [Cell] {
        values.indices.map { row in
            nulls.isNull(row, of: values.count) ? .null : .bits(UInt64(bitPattern: values[row]))
        }
    }

    @Test("integers come back as they were, null or not", arguments: IntegerShape.allCases)
    func integers(shape: IntegerShape) throws {
        for nulls in NullShape.allCases where nulls == .none || shape.rowCount > 1 {
            let values = shape.values()
            for isUnsigned in [false, true] {
                let block = BlockFixture.encode(values, isUnsigned: isUnsigned, nulls: nulls)
                let reader = try BlockReader(
                    Bytes(block.bytes), kind: .integers(isUnsigned: isUnsigned),
                    rowCount: values.count, dictionary: nil)
                #expect(reader.description == block.description)
                let same = BlockFixture.readAll(reader) == Self.cells(values, nulls)
                #expect(same, "\(shape) \(nulls) \(block.description)")
            }
        }
    }

    @Test("strings come back as they were, null or not", arguments: NullShape.allCases)
    func strings(nulls: NullShape) throws {
        let strings = (0..<5_000).map { "Größe-\($0 * 7_919 % 10_007)" }
        let block = BlockFixture.encode(strings, nulls: nulls)
        let reader = try BlockReader(
            Bytes(block.bytes), kind: .strings, rowCount: strings.count, dictionary: nil)
        let expected = strings.enumerated().map { row, string in
            nulls.isNull(row, of: strings.count) ? Cell.null : .string(Array(string.utf8))
        }
        let same = BlockFixture.readAll(reader) == expected
        #expect(same, "\(block.description)")
    }
}
