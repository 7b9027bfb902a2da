import StoaBase
import StoaCodec
import StoaModel
import Testing

/// What nobody wrote must be refused or read, never trap.
@Suite struct BlockDamageTests {
    /// Reads all rows when the bytes are accepted; whether they were.
    static func open(_ bytes: [UInt8], as small: SmallBlock) -> Bool {
        guard
            let reader = try? BlockReader(
                Bytes(bytes), kind: small.kind, rowCount: small.rowCount,
                dictionary: small.dictionary)
        else { return false }
        _ = BlockFixture.touchAll(reader)
        _ = reader.nodes()
        return true
    }

    @Test("every truncated block is refused", arguments: SmallBlock.allCases)
    func truncation(small: SmallBlock) throws {
        let bytes = try #require(small.block).bytes
        #expect(Self.open(bytes, as: small))
        for byteCount in bytes.indices {
            #expect(!Self.open(Array(bytes[..<byteCount]), as: small))
        }
        #expect(!Self.open(bytes + [0], as: small))
        #expect(!Self.open(bytes + [UInt8](repeating: 0, count: 64), as: small))
    }

    @Test("a block with any bit flipped is refused or read", arguments: SmallBlock.allCases)
    func bitFlips(small: SmallBlock) throws {
        let bytes = try #require(small.block).bytes
        var refusedCount = 0
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            if !Self.open(damaged, as: small) { refusedCount += 1 }
        }
        #expect(refusedCount >= 64 * 8, "the zeros at the end are checked")
    }

    @Test("arbitrary bytes behind a believable start never trap", arguments: 0..<8)
    func arbitrary(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for small in SmallBlock.allCases {
            let bytes = try #require(small.block).bytes
            for _ in 0..<400 {
                var damaged = bytes
                for _ in 0...random.next() % 4 {
                    // Mostly the fields, where lies do most.
                    let reach = random.next() % 2 == 0 ? min(192, bytes.count) : bytes.count
                    let offset = Int(random.next() % UInt64(reach))
                    let extremes: [UInt8] = [0, 1, 0x40, 0x7F, 0x80, 0xFF]
                    let noise = UInt8(truncatingIfNeeded: random.next())
                    damaged[offset] =
                        random.next() % 2 == 0
                        ? extremes[Int(random.next() % 6)] : noise
                }
                _ = Self.open(damaged, as: small)
            }
        }
    }

    @Test("noise of any length never traps", arguments: 0..<4)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let byteCount = Int(random.next() % 8) * 64 + (random.next() % 4 == 0 ? 3 : 0)
            var bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if byteCount >= 64 {
                bytes[0] = UInt8(random.next() % 21)
                bytes[1] = 1
                bytes[2] = UInt8(random.next() % 17)
                for offset in 4..<64 { bytes[offset] = 0 }
                bytes[4] = 70
                bytes[8] = UInt8(max(1, byteCount / 64 - 1))
                for offset in byteCount - 64..<byteCount where byteCount > 64 { bytes[offset] = 0 }
            }
            for small in [SmallBlock.float32, .maskedText] { _ = Self.open(bytes, as: small) }
        }
    }

    @Test("an encoding or a revision from the future is refused by name")
    func future() throws {
        var bytes = try #require(SmallBlock.constant.block).bytes
        bytes[0] = 200
        #expect(throws: CodecError.unknownEncoding(200)) {
            try BlockReader(
                Bytes(bytes), kind: .integers(isUnsigned: false), rowCount: 5, dictionary: nil)
        }
        bytes[0] = Encoding.huffman.rawValue
        #expect(throws: CodecError.unknownRevision(.huffman, 1)) {
            try BlockReader(
                Bytes(bytes), kind: .integers(isUnsigned: false), rowCount: 5, dictionary: nil)
        }
        bytes[0] = Encoding.constant.rawValue
        bytes[1] = 2
        #expect(throws: CodecError.unknownRevision(.constant, 2)) {
            try BlockReader(
                Bytes(bytes), kind: .integers(isUnsigned: false), rowCount: 5, dictionary: nil)
        }
    }

    @Test("a lane or an order that the numbers contradict is refused")
    func lies() throws {
        func error(_ small: SmallBlock, _ change: (inout [UInt8]) -> Void) throws -> CodecError? {
            var bytes = try #require(small.block).bytes
            change(&bytes)
            do throws(CodecError) {
                _ = try BlockReader(
                    Bytes(bytes), kind: small.kind, rowCount: small.rowCount, dictionary: nil)
                return nil
            } catch {
                return error
            }
        }
        for lane in [0, 2, 3, 4] as [UInt8] {
            let found = try error(.frameOfReference) { $0[2] = lane }
            #expect(found == .invalidField(.frameOfReference, .lane))
        }
        #expect(try error(.delta) { $0[12] = 1 } == .invalidField(.delta, .flags))
        // A last value that the differences do not lead to.
        #expect(try error(.deltaRising) { $0[64 + 16] ^= 1 } == .invalidField(.delta, .flags))
        // Runs that end one row early.
        #expect(
            try error(.runLength) { $0[64 + 128 + 64] -= 1 }
                == .invalidField(.runLength, .runLength))
    }

    @Test("a block of another kind or size than promised is refused")
    func mismatch() throws {
        let numbers = try #require(SmallBlock.plain.block).bytes
        let text = try #require(SmallBlock.plainText.block).bytes
        #expect(throws: CodecError.self) {
            try BlockReader(Bytes(numbers), kind: .strings, rowCount: 5, dictionary: nil)
        }
        #expect(throws: CodecError.wrongContent(.plain)) {
            try BlockReader(Bytes(text), kind: .float64, rowCount: 5, dictionary: nil)
        }
        #expect(throws: CodecError.rowCountMismatch(expected: 6, found: 5)) {
            try BlockReader(
                Bytes(numbers), kind: .integers(isUnsigned: false), rowCount: 6, dictionary: nil)
        }
    }

    @Test("codes outside their dictionary are refused, also in one row")
    func codes() throws {
        var values = [UInt32](repeating: 3, count: 2_000)
        values[1_999] = 5
        let block = BlockFixture.encode(codes: values)
        #expect(throws: CodecError.codeOutOfRange) {
            try BlockReader(
                Bytes(block.bytes), kind: .codes, rowCount: values.count,
                dictionary: SmallBlock.dictionary)
        }
        #expect(throws: CodecError.codeOutOfRange) {
            try BlockReader(
                Bytes(block.bytes), kind: .codes, rowCount: values.count, dictionary: nil)
        }
    }

    @Test("text that is not UTF-8, or strings that split a character, are refused")
    func utf8() throws {
        for small in [SmallBlock.constantText, .plainText, .lz4Text] {
            let bytes = try #require(small.block).bytes
            var damaged = bytes
            let umlaut = try #require(bytes.firstIndex { $0 == 0xC3 })
            damaged[umlaut] = 0xFF
            #expect(throws: CodecError.notUTF8) {
                try BlockReader(
                    Bytes(damaged), kind: .strings, rowCount: small.rowCount, dictionary: nil)
            }
        }
        // Two strings of one byte each that together are one character.
        let split = BlockFixture.encode(["a", "bcd", "ä"])
        var bytes = split.bytes
        let start = try #require(bytes.firstIndex { $0 == 0x61 })
        bytes.replaceSubrange(start..<start + 6, with: Array("äbbbb".utf8))
        #expect(throws: CodecError.notUTF8) {
            try BlockReader(Bytes(bytes), kind: .strings, rowCount: 3, dictionary: nil)
        }
    }
}
