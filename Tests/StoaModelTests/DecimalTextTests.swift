import StoaBase
import StoaModel
import Testing

@Suite struct DecimalTextTests {
    @Test("text is read exactly as it is spelled")
    func spelled() {
        #expect(parse("1.50") == .init(unscaled: 150, scale: 2))
        #expect(parse("-.5") == .init(unscaled: -5, scale: 1))
        #expect(parse("+7.") == .init(unscaled: 7, scale: 0))
        #expect(parse("000") == .init(unscaled: 0, scale: 0))
        let nines = String(repeating: "9", count: 38)
        #expect(parse(nines) == .init(unscaled: Int128.powerOfTen(38) - 1, scale: 0))
        #expect(parse("-0.\(nines)") == .init(unscaled: 1 - Int128.powerOfTen(38), scale: 38))
    }

    @Test("what is no plain decimal is refused")
    func refused() {
        let tooLong = String(repeating: "9", count: 39)
        for text in ["", "-", ".", "1e3", "1.2.3", " 1", "1 ", "0x1", "nan", "--1", tooLong] {
            #expect(parse(text) == nil, "\(text)")
        }
    }

    @Test("a 39th digit is refused, above all at the end of 128 bits")
    func endOfWidth() {
        let powerOfTwo127 = "170141183460469231731687303715884105728"
        for text in [powerOfTwo127, "-" + powerOfTwo127, "0." + powerOfTwo127] {
            #expect(parse(text) == nil, "\(text)")
        }
        #expect(parse("1" + String(repeating: "0", count: 38)) == nil)
        #expect(parse("0001" + String(repeating: "0", count: 37))?.unscaled == .powerOfTen(37))
    }

    @Test("rescaling never loses a digit and never overflows")
    func rescale() {
        #expect(DecimalText.rescale(.init(unscaled: 150, scale: 2), to: 1) == 15)
        #expect(DecimalText.rescale(.init(unscaled: 155, scale: 2), to: 1) == nil)
        #expect(DecimalText.rescale(.init(unscaled: -3, scale: 0), to: 4) == -30_000)
        #expect(DecimalText.rescale(.init(unscaled: 10, scale: 0), to: 37) == nil)
        #expect(DecimalText.rescale(.init(unscaled: 0, scale: 0), to: 38) == 0)
    }

    @Test("what is written can be read back", arguments: UInt64(0)..<4)
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let scale = Int.random(in: 0...38, using: &random)
            let magnitude = Int128.powerOfTen(Int.random(in: 0...37, using: &random))
            let unscaled = Int128.random(in: -magnitude...magnitude, using: &random)
            var text: [UInt8] = []
            DecimalText.append(unscaled, scale: scale, to: &text)
            #expect(
                text.withUnsafeBytes { DecimalText.parse($0) }
                    == .init(unscaled: unscaled, scale: scale))
        }
    }

    private func parse(_ text: String) -> DecimalText.Parsed? {
        Array(text.utf8).withUnsafeBytes { DecimalText.parse($0) }
    }
}
