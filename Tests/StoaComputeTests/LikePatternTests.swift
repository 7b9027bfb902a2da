import StoaBase
import StoaCompute
import Testing

@Suite struct LikePatternTests {
    private func matches(_ pattern: String, _ value: String) -> Bool {
        let compiled = LikePattern(Array(pattern.utf8))
        return Array(value.utf8).withUnsafeBytes { compiled.matches($0, StopSignal()) }
    }

    /// By the definition, recursively, over scalars.
    private func slow(
        _ pattern: ArraySlice<Unicode.Scalar>, _ value: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        guard let first = pattern.first else { return value.isEmpty }
        if first == "%" {
            return slow(pattern.dropFirst(), value)
                || !value.isEmpty && slow(pattern, value.dropFirst())
        }
        guard let head = value.first, first == "_" || first == head else { return false }
        return slow(pattern.dropFirst(), value.dropFirst())
    }

    @Test("a pattern matches what its definition says", arguments: UInt64(0)..<30)
    func definition(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let letters: [Unicode.Scalar] = ["a", "b", "ß", "€", "😀"]
        for _ in 0..<200 {
            let value = (0..<Int(random.next() % 7)).map { _ in letters[Int(random.next() % 5)] }
            let pattern = (0..<Int(random.next() % 6)).map { _ -> Unicode.Scalar in
                switch random.next() % 4 {
                case 0: "%"
                case 1: "_"
                default: letters[Int(random.next() % 5)]
                }
            }
            var (patternText, valueText) = (String(), String())
            patternText.unicodeScalars.append(contentsOf: pattern)
            valueText.unicodeScalars.append(contentsOf: value)
            #expect(
                matches(patternText, valueText) == slow(pattern[...], value[...]),
                "\(patternText) on \(valueText)")
        }
    }

    @Test("many wildcards take no more than the product of the lengths")
    func noExplosion() {
        let pattern = String(repeating: "%a", count: 200) + "b"
        let value = String(repeating: "a", count: 20_000)
        #expect(!matches(pattern, value))
    }
}
