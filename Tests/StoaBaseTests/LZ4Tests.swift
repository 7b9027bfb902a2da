import StoaBase
import Testing

@Suite struct LZ4Tests {
    @Test("what was compressed comes back, at both levels", arguments: [false, true])
    func roundTrip(isHighCompression: Bool) throws {
        let text = Array(String(repeating: "ORD-000007919 ", count: 500).utf8)
        let packed = try #require(
            text.withUnsafeBytes {
                LZ4.compress($0, isHighCompression: isHighCompression)
            })
        #expect(packed.count < text.count / 10)
        #expect(decompress(packed, byteCount: text.count) == text)
        #expect(decompress(packed, byteCount: text.count - 1) == nil)
        #expect(decompress(packed, byteCount: text.count + 1) == nil)
    }

    @Test("bytes that do not shrink are refused rather than stored larger")
    func incompressible() {
        var random = SeededRandom(seed: 1)
        let noise = (0..<1_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(noise.withUnsafeBytes { LZ4.compress($0, isHighCompression: true) } == nil)
    }

    @Test("arbitrary bytes never trap", arguments: UInt64(0)..<8)
    func arbitrary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...64, using: &random)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = decompress(noise, byteCount: Int.random(in: 0...256, using: &random))
        }
    }

    private func decompress(_ packed: [UInt8], byteCount: Int) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: byteCount)
        let isWhole = packed.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { LZ4.decompress(input, into: $0) }
        }
        return isWhole ? output : nil
    }
}
