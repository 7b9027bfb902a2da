import StoaBase
import StoaCodec
import StoaModel
import Testing

@Suite struct TextBlockTests {
    enum BlockShape: String, CaseIterable {
        case oneEmpty, allEmpty, ids, sentences, longAndShort, acrossChunks, constant
        case longConstant, random

        var rowCount: Int {
            switch self {
            case .oneEmpty: 1
            case .longConstant: 20
            case .longAndShort: 300
            default: 6_000
            }
        }

        var strings: [String] {
            var random = SeededRandom(seed: 5)
            return (0..<rowCount).map { row in
                switch self {
                case .oneEmpty, .allEmpty: ""
                case .ids: "ORD-00\(row * 7_919 % 1_000_003)"
                case .sentences: "row \(row % 50) of a table says the same again and again"
                case .longAndShort:
                    row == 150 ? String(repeating: "long ", count: 100_000) : "s\(row)"
                case .acrossChunks: String(repeating: "€", count: 1 + row % 29)
                case .constant: "Größe"
                case .longConstant: String(repeating: "x", count: 5_000)
                case .random:
                    String(
                        (0..<8).map { _ in
                            Character(UnicodeScalar(UInt8(random.next() % 94 + 33)))
                        })
                }
            }
        }
    }

    @Test("strings come back, at whatever row a read starts", arguments: BlockShape.allCases)
    func roundTrip(shape: BlockShape) throws {
        for nulls in [NullShape.none, .alternating, .mostly, .wholeVectors]
        where nulls == .none || shape.rowCount > 100 {
            let strings = shape.strings
            let block = BlockFixture.encode(strings, nulls: nulls)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: .strings, rowCount: strings.count, dictionary: nil)
            #expect(reader.description == block.description)
            let expected = strings.enumerated().map { row, string in
                nulls.isNull(row, of: strings.count)
                    ? BlockFixture.Cell.null : .string(Array(string.utf8))
            }
            for step in [4_096, 1_024, 3_072] {
                let isSame = BlockFixture.readAll(reader, step: step) == expected
                #expect(isSame, "\(nulls) \(step) \(block.description)")
            }
            // Backwards, with one scratch: what a cache holds must not matter.
            let scratch = VectorScratch()
            for first in stride(from: 0, to: strings.count, by: 1_024).reversed() {
                let count = min(2_048, strings.count - first)
                let part = BlockFixture.read(reader, first, count, scratch)
                let isSame = part == Array(expected[first..<first + count])
                #expect(isSame, "\(nulls) from \(first)")
            }
        }
    }

    @Test("one scratch may serve many readers in turn")
    func sharedScratch() throws {
        let scratch = VectorScratch()
        let readers = try [BlockShape.sentences, .acrossChunks].map { shape in
            let block = BlockFixture.encode(shape.strings)
            return (
                shape,
                try BlockReader(
                    Bytes(block.bytes), kind: .strings, rowCount: shape.rowCount, dictionary: nil)
            )
        }
        for round in 0..<6 {
            let (shape, reader) = readers[round % 2]
            let part = BlockFixture.read(reader, 1_024 * (round / 2), 2_000, scratch)
            let expected = shape.strings[1_024 * (round / 2)..<1_024 * (round / 2) + 2_000]
            #expect(part == expected.map { .string(Array($0.utf8)) })
        }
    }

    @Test("strings that repeat are compressed, and still found")
    func compression() throws {
        let strings = BlockShape.sentences.strings
        let block = BlockFixture.encode(strings)
        #expect(block.rootEncoding == .lz4)
        #expect(block.bytes.count * 10 < strings.reduce(0) { $0 + $1.utf8.count })
    }
}
