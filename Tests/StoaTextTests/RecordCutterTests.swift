import StoaText
import Testing

@Suite("Cutting a file between records")
struct RecordCutterTests {
    @Test("a cut never falls inside quotes or between CR and LF")
    func places() {
        #expect(cut("a,b\nc,d") == 4)
        #expect(cut("a,b\nc,d", isFinal: true) == 7)
        #expect(cut("a,\"b\nc\",d") == 0)
        #expect(cut("x\na,\"b\nc\",d") == 2)
        #expect(cut("a\r\nb\r") == 3)
        #expect(cut("a\r\nb\r", isFinal: true) == 5)
        #expect(cut("a\rb") == 2)
        #expect(cut("a,\"b\"") == 0)
        #expect(cut("a,5\" pipe\nb") == 10)
        #expect(cut("a,\"he said \"\"\n\"\"\"\nb") == 18)
    }

    @Test("a quote that never closes costs its line, not the rest of the file")
    func unclosed() {
        #expect(cut("a\nb,\"c\nd\n", isFinal: true) == 2)
        #expect(cut("b,\"c\nd\n", isFinal: true) == 5)
        #expect(cut("b,\"c", isFinal: true) == 4)
    }

    private func cut(_ text: String, isFinal: Bool = false) -> Int {
        Array(text.utf8).withUnsafeBytes {
            RecordCutter.wholeRecords(in: $0, delimiter: UInt8(ascii: ","), isFinal: isFinal)
        }
    }
}
