import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Reads the packed bits of a FOR block by the formulas of the format page, one value at a time,
/// with nothing of the decoder.
@Suite struct BitLayoutTests {
    static let permutation = [0, 4, 2, 6, 1, 5, 3, 7]

    /// The residual at a vector's position, from 128 × width bytes.
    static func residual(_ packed: ArraySlice<UInt8>, width: Int, position: Int) -> UInt64 {
        let laneBits = width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : 64
        let laneCount = 1_024 / laneBits
        for row in 0..<laneBits {
            let first = 16 * permutation[row / 8] + 128 * (row % 8)
            guard (first..<first + laneCount).contains(position) else { continue }
            var value: UInt64 = 0
            for bit in 0..<width {
                let laneBit = row * width + bit
                let word = laneBit / laneBits * laneCount + position - first
                let byte = word * laneBits / 8 + laneBit % laneBits / 8
                let isSet = packed[packed.startIndex + byte] >> UInt8(laneBit % 8) & 1
                value |= UInt64(isSet) << UInt64(bit)
            }
            return value
        }
        return .max
    }

    @Test(
        "packed bits stand where the format says, for every width",
        arguments: [
            1...8, 9...16, 17...32, 33...48, 49...63,
        ])
    func layout(widths: ClosedRange<Int>) throws {
        for width in widths {
            var random = SeededRandom(seed: UInt64(width))
            var values = (0..<1_024).map { _ in Int64(random.next() >> UInt64(64 - width)) }
            values[0] = 0
            values[1] = Int64(UInt64(1) << UInt64(width) - 1)
            values[2] = 1
            let block = try #require(
                ForcedEncodingTests.encode(
                    values, .frameOfReference, nulls: .none, isCompact: true))
            let bytes = block.bytes
            #expect(bytes[64] == UInt8(width), "the width is the first array")
            let packed = bytes[128..<128 + 128 * width]
            let isSame = (0..<1_024).allSatisfy { position in
                Self.residual(packed, width: width, position: position)
                    == UInt64(values[position])
            }
            #expect(isSame, "width \(width)")
        }
    }

    @Test("every row of every lane width has one place")
    func places() {
        for width in [5, 13, 22, 40] {
            let laneBits = width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : 64
            var seen = Set<Int>()
            for row in 0..<laneBits {
                let first = 16 * Self.permutation[row / 8] + 128 * (row % 8)
                seen.formUnion(first..<first + 1_024 / laneBits)
            }
            #expect(seen == Set(0..<1_024))
        }
    }
}
