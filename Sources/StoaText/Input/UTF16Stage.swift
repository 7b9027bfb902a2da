/// UTF-16 to UTF-8, without the byte order mark.
///
/// Half a pair, and a last byte without its partner, become bytes that are no UTF-8: the row that
/// holds them is rejected, and nothing is put in their place.
final class UTF16Stage: ByteStage {
    private let isBigEndian: Bool
    private var isAtStart = true

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> (consumed: Int, produced: Int) {
        var consumed = 0
        var produced = 0
        while consumed < input.count {
            guard produced + 4 <= output.count else { break }
            guard consumed + 1 < input.count else {
                // The file has an odd number of bytes.
                guard isLast else { break }
                output[produced] = 0xFF
                return (consumed + 1, produced + 1)
            }
            let unit = unit(input, consumed)
            let isFirst = isAtStart
            isAtStart = false
            if isFirst, unit == 0xFEFF {
                consumed += 2
                continue
            }
            var character = UInt32(unit)
            var width = 2
            if UTF16.isLeadSurrogate(unit) {
                if consumed + 3 < input.count {
                    let next = self.unit(input, consumed + 2)
                    if UTF16.isTrailSurrogate(next) {
                        character = 0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(next) - 0xDC00
                        width = 4
                    }
                } else if !isLast {
                    isAtStart = isFirst
                    break
                }
            }
            consumed += width
            produced += write(character, output, at: produced)
        }
        return (consumed, produced)
    }

    private func unit(_ input: UnsafeRawBufferPointer, _ offset: Int) -> UInt16 {
        let (first, second) = (UInt16(input[offset]), UInt16(input[offset + 1]))
        return isBigEndian ? first << 8 | second : second << 8 | first
    }

    /// Writes the character's bytes, those of half a pair too; how many there are.
    private func write(
        _ character: UInt32, _ output: UnsafeMutableRawBufferPointer, at offset: Int
    ) -> Int {
        func tail(_ shift: UInt32) -> UInt8 {
            0x80 | UInt8(truncatingIfNeeded: character >> shift) & 0x3F
        }
        switch character {
        case 0..<0x80:
            output[offset] = UInt8(character)
            return 1
        case 0x80..<0x800:
            output[offset] = 0xC0 | UInt8(character >> 6)
            output[offset + 1] = tail(0)
            return 2
        case 0x800..<0x10000:
            output[offset] = 0xE0 | UInt8(character >> 12)
            output[offset + 1] = tail(6)
            output[offset + 2] = tail(0)
            return 3
        default:
            output[offset] = 0xF0 | UInt8(character >> 18)
            output[offset + 1] = tail(12)
            output[offset + 2] = tail(6)
            output[offset + 3] = tail(0)
            return 4
        }
    }
}
