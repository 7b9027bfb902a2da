import Glibc
import StoaBase
import StoaCodec
import StoaModel
import Testing

/// The bytes that the format's first version wrote, one block per file, as hexadecimal lines of
/// 32 bytes. Every later version must read them. `STOA_WRITE_GOLDEN=1` writes files that are
/// missing, and never one that is there.
@Suite struct GoldenBytesTests {
    static let directory =
        String(
            #filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex)) + "/Golden/"

    @Test(
        "golden blocks are read as the values they were written from",
        arguments: SmallBlock.allCases)
    func blocks(small: SmallBlock) throws {
        let fresh = try #require(small.block)
        let golden = try Self.bytes(named: "\(small)", fresh: fresh.bytes)
        let reader = try BlockReader(
            Bytes(golden), kind: small.kind, rowCount: small.rowCount,
            dictionary: small.dictionary)
        for description in [reader.description, fresh.description] {
            let isSame =
                small.hasChosenNodes
                ? description.hasPrefix(small.description) : description == small.description
            #expect(isSame, "\(description)")
        }
        let isSame = BlockFixture.readAll(reader) == small.cells
        #expect(isSame)
        if !small.isCompressed { #expect(fresh.bytes == golden) }
    }

    @Test("the golden dictionary is read as the strings it was written from")
    func dictionary() throws {
        let fresh = DictionaryCodec.encode(SmallBlock.dictionary)
        let golden = try Self.bytes(named: "dictionary", fresh: fresh)
        let dictionary = try DictionaryCodec.decode(Bytes(golden))
        #expect(dictionary.isSorted)
        #expect(
            (0..<dictionary.count).map { String(decoding: dictionary[$0], as: UTF8.self) }
                == (0..<5).map { "value-\($0)" })
        #expect(fresh == golden)
    }

    @Test("ids of encodings are what they always were")
    func identifiers() {
        let names = Encoding.allCases.map { "\($0.rawValue) \($0.name)" }
        #expect(
            names.joined(separator: ", ") == """
                1 CONST, 2 SEQ, 3 FOR, 4 DELTA, 5 DELTA2, 6 RLE, 7 DICT, 8 SPARSE, 9 PLAIN, \
                10 LZ4, 11 MASKED, 12 NULLABLE, 13 ALP, 14 ALP_RD, 15 FSST, 16 FRONT, \
                17 NUMERIC_STRING, 18 RUNSTART, 19 DERIVED, 20 HUFFMAN
                """)
    }

    // MARK: Files

    static func bytes(named name: String, fresh: [UInt8]) throws -> [UInt8] {
        let path = directory + name + ".hex"
        if access(path, F_OK) != 0, getenv("STOA_WRITE_GOLDEN") != nil {
            let file = try #require(fopen(path, "w"))
            for first in stride(from: 0, to: fresh.count, by: 32) {
                let line = fresh[first..<min(first + 32, fresh.count)].map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
                fputs(line.joined() + "\n", file)
            }
            fclose(file)
        }
        let file = try #require(fopen(path, "r"), "\(path) is missing")
        defer { fclose(file) }
        var text: [UInt8] = []
        while case let character = fgetc(file), character != EOF { text.append(UInt8(character)) }
        let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}
