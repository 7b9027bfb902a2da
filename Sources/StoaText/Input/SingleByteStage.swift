/// Latin-1 or Windows-1252 to UTF-8.
///
/// The five bytes that Windows-1252 does not define are passed on as they are: they are no
/// UTF-8, so the row that holds them is rejected, and nothing is invented for them.
final class SingleByteStage: ByteStage {
    /// The UTF-8 of each byte, the first byte lowest; and how many bytes it has.
    private let words: [UInt32]
    private let lengths: [UInt8]

    /// The characters of the bytes 0x80 to 0x9F; 0 where none is defined.
    private static let windows: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    ]

    init(isWindows: Bool) {
        var words: [UInt32] = []
        var lengths: [UInt8] = []
        for byte in UInt32(0)...255 {
            let isMoved = isWindows && (0x80...0x9F).contains(byte)
            let character = isMoved ? Self.windows[Int(byte - 0x80)] : byte
            let bytes: [UInt8] =
                if character == 0, byte != 0 {
                    [UInt8(byte)]
                } else {
                    Unicode.Scalar(character).map { Array(String($0).utf8) } ?? [UInt8(byte)]
                }
            words.append(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
            lengths.append(UInt8(bytes.count))
        }
        self.words = words
        self.lengths = lengths
    }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> (consumed: Int, produced: Int) {
        var produced = 0
        for (consumed, byte) in input.enumerated() {
            let length = Int(lengths[Int(byte)])
            guard produced + length <= output.count else { return (consumed, produced) }
            var word = words[Int(byte)]
            for offset in 0..<length {
                output[produced + offset] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
            produced += length
        }
        return (input.count, produced)
    }
}
