import StoaBase
import StoaText
import Testing

@Suite("Encodings of text")
struct TextEncodingTests {
    private func decode(_ bytes: [UInt8], _ encoding: TextEncoding) throws -> [UInt8] {
        try InputPipelineTests.unpack(bytes, nil, encoding, roomStep: 64)
    }

    private func utf16(_ text: String, isBig: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let pair = [UInt8(unit >> 8), UInt8(unit & 255)]
            return isBig ? pair : pair.reversed()
        }
    }

    @Test("all 256 bytes of Latin-1 are the first 256 characters")
    func latin1() throws {
        let bytes = (0...255).map { UInt8($0) }
        let expected = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        #expect(try decode(bytes, .latin1) == Array(expected.utf8))
    }

    @Test("Windows-1252 has its own characters, and undefined bytes stay what is no UTF-8")
    func windows1252() throws {
        let text = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
        let undefined: Set<UInt8> = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
        let bytes = (UInt8(0x80)...0x9F).filter { !undefined.contains($0) }
        #expect(try decode(bytes, .windows1252) == Array(text.utf8))
        for byte in undefined { #expect(try decode([65, byte], .windows1252) == [65, byte]) }
        #expect(try decode([0xE4, 0xDF], .windows1252) == Array("äß".utf8))
    }

    @Test(
        "UTF-16 of both orders, with and without a mark, gives the text", arguments: [true, false])
    func utf16(isBig: Bool) throws {
        let text = "id,Straße\r\n1,日本 😀\n"
        let encoding = isBig ? TextEncoding.utf16BigEndian : .utf16LittleEndian
        let marked = utf16("\u{FEFF}" + text, isBig: isBig)
        #expect(try decode(utf16(text, isBig: isBig), encoding) == Array(text.utf8))
        #expect(try decode(marked, encoding) == Array(text.utf8))
        #expect(marked.withUnsafeBytes { TextEncoding.detected(in: $0) } == encoding)
        let plain = utf16("a,b\n1,2\n", isBig: isBig)
        #expect(plain.withUnsafeBytes { TextEncoding.utf16.resolved(by: $0) } == encoding)
        #expect(plain.withUnsafeBytes { TextEncoding.looksLikeUTF16($0) })
        for step in 1...9 {
            let found = try InputPipelineTests.unpack(
                marked, nil, encoding, sourceStep: step, roomStep: 4, bufferByteCount: 16)
            #expect(found == Array(text.utf8))
        }
    }

    @Test("half a pair and half a character become bytes that are no UTF-8, at their place")
    func brokenUTF16() throws {
        let lead: [UInt8] = [0x3D, 0xD8]
        let trail: [UInt8] = [0x00, 0xDE]
        for broken in [lead, trail, trail + lead, lead + lead] {
            let bytes = [65, 0] + broken + [66, 0]
            let found = try decode(bytes, .utf16LittleEndian)
            #expect(found.first == 65)
            #expect(found.last == 66)
            #expect(String(validating: found, as: UTF8.self) == nil)
        }
        #expect(try decode([65, 0, 66], .utf16LittleEndian) == [65, 0xFF])
        #expect(try decode(lead, .utf16LittleEndian).count == 3)
    }

    @Test("names of encodings are taken as people spell them")
    func names() {
        let table: [(String, TextEncoding?)] = [
            ("latin1", .latin1), ("ISO-8859-1", .latin1), ("Latin-1", .latin1),
            ("windows-1252", .windows1252), ("cp1252", .windows1252), ("UTF-16", .utf16),
            ("utf16le", .utf16LittleEndian), ("UTF-16BE", .utf16BigEndian), ("utf8", .utf8),
            ("UTF-8", .utf8), ("ebcdic", nil), ("", nil),
        ]
        for (name, encoding) in table { #expect(TextEncoding(name: name) == encoding) }
    }
}
