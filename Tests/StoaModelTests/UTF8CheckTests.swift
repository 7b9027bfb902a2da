import StoaBase
import StoaModel
import Testing

@Suite struct UTF8CheckTests {
    @Test("every sequence of up to three bytes is judged as the standard library judges it")
    func exhaustive() {
        // The third byte matters only by class, so the bounds of each class stand for it.
        let classes: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for third in classes { compare([first, second, third]) }
            }
        }
    }

    @Test(
        "four-byte sequences at every offset are judged as the standard library does",
        arguments: UInt64(0)..<4)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let classes: [UInt8] = [0x41, 0x80, 0x8F, 0x90, 0xBF, 0xE2, 0xED, 0xF0, 0xF1, 0xF4, 0xF5]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...20, using: &random)
            compare((0..<count).map { _ in classes.randomElement(using: &random) ?? 0 })
        }
    }

    private func compare(_ bytes: [UInt8]) {
        let expected = String(validating: bytes, as: UTF8.self) != nil
        if bytes.withUnsafeBytes({ UTF8Check.isValid($0) }) != expected {
            Issue.record("\(bytes) is \(expected ? "" : "not ")valid")
        }
    }
}
