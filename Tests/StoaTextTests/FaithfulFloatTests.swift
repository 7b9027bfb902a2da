import Foundation
import StoaModel
import StoaText
import Testing

@Suite("Doubles that have all digits of their text")
struct FaithfulFloatTests {
    @Test(
        "a text is a float exactly when printf writes the double in the same digits",
        arguments: 1...4)
    func againstPrintf(_ seed: UInt64) throws {
        var words = SeededText(seed: seed)
        var texts: [String] = []
        for _ in 0..<4_000 {
            let exponent = Int(words.next() % 60) - 30
            let digitCount = Int(words.next() % 24) + 1
            var digits = String(words.next() % 9 + 1)
            for _ in 1..<max(2, digitCount) { digits += String(words.next() % 10) }
            texts.append("\(digits.first!).\(digits.dropFirst())e\(exponent)")
            // What a program wrote of a double comes back.
            let value = Double(bitPattern: words.next() & 0x7FEF_FFFF_FFFF_FFFF)
            texts.append(String(format: "%.\(digitCount)e", value))
        }
        for text in texts {
            // Zeros at the end say nothing of the number.
            let mantissa = String(text.split(separator: "e")[0])
            let zeroCount = mantissa.reversed().prefix { $0 == "0" }.count
            let fraction = max(0, mantissa.count - 2 - zeroCount)
            let value = try #require(Double(text))
            let written = String(format: "%.\(fraction)e", value)
            let short = mantissa.dropLast(fraction == 0 ? mantissa.count - 1 : zeroCount)
            let isSame = same(written, short + "e" + text.split(separator: "e")[1])
            #expect(isFloat(text) == isSame, "\(text)")
        }
    }

    @Test("texts at the ends of the range are floats only with their digits")
    func ends() {
        for text in ["4.9e-324", "1.7976931348623157e308", "0.1", "1e22", "-0.0", "1e-300", "0e5"] {
            #expect(isFloat(text), "\(text)")
        }
        for text in ["1e-400", "1e309", "12345678901234567890.5", "0.1000000000000000000001"] {
            #expect(!isFloat(text), "\(text)")
        }
    }

    /// Equal numbers in equal digits, however the exponent is written.
    private func same(_ left: String, _ right: String) -> Bool {
        func parts(_ text: String) -> (Substring, Int?) {
            let parts = text.split(separator: "e")
            return (parts[0], Int(parts[1].replacingOccurrences(of: "+", with: "")))
        }
        return parts(left) == parts(right)
    }

    private func isFloat(_ text: String) -> Bool {
        let chunk = TextChunk(Array("v\n\(text)\n1e0\n".utf8))
        var wishes = FileProposal.Wishes()
        wishes.hasHeader = true
        return (try? FileProposal.propose(chunk, wishes: wishes))?.columns[0].type == .float64
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct SeededText {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
