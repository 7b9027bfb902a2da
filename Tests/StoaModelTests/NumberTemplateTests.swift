import StoaBase
import StoaModel
import Testing

@Suite("Numbered strings")
struct NumberTemplateTests {
    /// The string of a number, the slow way.
    private static func text(_ template: NumberTemplate, _ number: UInt64) -> [UInt8] {
        let digits = Array(String(number).utf8)
        return template.prefix
            + [UInt8](repeating: 0x30, count: template.digitCount - digits.count) + digits
    }

    @Test("all digits of all counts are written", arguments: 1...18)
    func writes(digitCount: Int) {
        var random = SeededRandom(seed: UInt64(digitCount))
        let prefixes = ["", "A", "ORD-", "/catalogue/größe/", String(repeating: "x", count: 255)]
        for prefix in prefixes {
            let template = NumberTemplate(prefix: Array(prefix.utf8), digitCount: digitCount)
            var numbers: [UInt64] = [0, template.numberLimit - 1, template.numberLimit / 2]
            for _ in 0..<50 {
                let shift = random.next() % 64
                numbers.append((random.next() >> shift) % template.numberLimit)
            }
            let buffer = NumberedText()
            numbers.withUnsafeBytes { values in
                let written = buffer.write(
                    Vector.Integers(lane: .u64, values: values.baseAddress!), template,
                    rowCount: numbers.count)
                for (row, number) in numbers.enumerated() {
                    let start = Int(written.offsets[row]), end = Int(written.offsets[row + 1])
                    let found = UnsafeRawBufferPointer(
                        start: written.bytes + start, count: end - start)
                    #expect(Array(found) == Self.text(template, number))
                    var one = [UInt8](repeating: 0, count: template.byteCount)
                    one.withUnsafeMutableBytes {
                        template.write(number, into: $0.baseAddress!)
                    }
                    #expect(one == Self.text(template, number))
                }
            }
        }
    }

    @Test("a number that is too large keeps its last digits, so that nothing is overrun")
    func overflow() {
        let template = NumberTemplate(prefix: [0x41], digitCount: 3)
        let buffer = NumberedText()
        [UInt64(12_345), .max].withUnsafeBytes { values in
            let written = buffer.write(
                Vector.Integers(lane: .u64, values: values.baseAddress!), template, rowCount: 2)
            let found = UnsafeRawBufferPointer(start: written.bytes, count: 8)
            #expect(Array(found) == Array("A345A615".utf8))
        }
    }

    @Test("the canonical form takes at most 18 trailing digits")
    func split() {
        func split(_ text: String) -> [UInt64] {
            let found = Array(text.utf8).withUnsafeBytes { NumberTemplate.split($0) }
            return [UInt64(found.digitCount), found.number]
        }
        #expect(split("") == [0, 0])
        #expect(split("A") == [0, 0])
        #expect(split("A1B") == [0, 0])
        #expect(split("ORD-000007919") == [9, 7_919])
        #expect(split("42") == [2, 42])
        #expect(split("1234567890123456789") == [18, 234_567_890_123_456_789])
        #expect(split("x999999999999999999") == [18, 999_999_999_999_999_999])
    }

    @Test("a test of strings is the range of the numbers that pass", arguments: 0..<8)
    func ranges(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let templates = ["", "A", "A0", "AB-"].flatMap { prefix in
            [1, 2, 3].map { NumberTemplate(prefix: Array(prefix.utf8), digitCount: $0) }
        }
        func value() -> [UInt8] {
            let alphabet = Array("AB-0159:/z".utf8)
            var bytes = random.next() % 2 == 0 ? Array("A".utf8) : []
            for _ in 0..<random.next() % 5 {
                bytes.append(alphabet[Int(random.next() % UInt64(alphabet.count))])
            }
            return bytes
        }
        for _ in 0..<400 {
            let test: StringTest =
                switch random.next() % 5 {
                case 0: .equal(value())
                case 1: .prefix(value())
                case 2: .range(min: value(), max: nil)
                case 3: .range(min: nil, max: value())
                default: .range(min: value(), max: value())
                }
            for template in templates {
                let range = template.numbers(passing: test)
                for number in 0..<template.numberLimit {
                    let passes = Self.text(template, number).withUnsafeBytes { test.matches($0) }
                    let isInRange = range?.contains(number) ?? false
                    if passes != isInRange {
                        Issue.record("\(test) of \(number) in \(template.prefix)")
                        return
                    }
                }
            }
        }
    }
}
