internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// The strings of a segment's column: behind the 64 bytes of the head a node of strings.
///
/// The length of that node is set right, since any input would fail there.
enum DictionaryFuzz {
    static let headByteCount = 64

    static func run(_ input: UnsafeRawBufferPointer) {
        let unitCount = (max(0, input.count - headByteCount) + 63) / 64
        let bytes = ExactBytes(count: headByteCount + unitCount * 64 + 64)
        bytes.copy(
            UnsafeRawBufferPointer(rebasing: input[..<min(input.count, bytes.count)]), to: 0)
        if unitCount > 0 { bytes.store(UInt32(unitCount), at: headByteCount + 8) }
        guard let dictionary = try? DictionaryCodec.decode(bytes.view) else { return }
        var sum: UInt64 = 0
        for code in 0..<dictionary.count {
            for byte in dictionary[code] { sum &+= UInt64(byte) }
        }
        invariant(sum <= UInt64.max / 2, "the bytes of strings were added")
    }
}
