internal import StoaBase

/// Memory that numbered strings are written out into; reused from vector to vector, never
/// shared between threads.
@usableFromInline
package final class NumberedText {
    /// Bytes behind the last string that its last store may touch.
    private static let slack = 32

    private var offsets = HeapBytes(byteCount: 0)
    private var bytes = HeapBytes(byteCount: 0)

    package init() {}

    /// Writes strings out; row r is `bytes[offsets[r] ..< offsets[r + 1]]`, valid until the next
    /// call.
    package func write(
        _ numbers: Vector.Integers, _ template: NumberTemplate, rowCount: Int
    ) -> (offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer) {
        let length = template.byteCount
        if offsets.byteCount < (rowCount + 1) * 4 {
            offsets = HeapBytes(byteCount: (rowCount + 1) * 4)
        }
        if bytes.byteCount < rowCount * length + Self.slack {
            bytes = HeapBytes(byteCount: rowCount * length + Self.slack)
        }
        let ends = offsets.address.assumingMemoryBound(to: UInt32.self)
        for row in 0...rowCount { ends[row] = UInt32(truncatingIfNeeded: row &* length) }
        Self.write(numbers, template, rowCount: rowCount, into: bytes.address)
        return (UnsafePointer(ends), UnsafeRawPointer(bytes.address))
    }

    /// Writes strings one behind the other; up to 32 bytes behind the last may change.
    package static func write(
        _ numbers: Vector.Integers, _ template: NumberTemplate, rowCount: Int,
        into target: UnsafeMutableRawPointer
    ) {
        let length = template.byteCount
        let digitCount = template.digitCount
        let prefixCount = template.prefix.count
        let limit = template.numberLimit
        template.prefix.withUnsafeBytes { prefix in
            for row in 0..<rowCount {
                let string = target + row &* length
                copy(prefix, to: string)
                let number = UInt64(bitPattern: numbers.value(row))
                writeDigits(
                    number < limit ? number : number % limit, digitCount, to: string + prefixCount)
            }
        }
    }

    /// Copies in words; the bytes behind are written afterwards.
    @inline(__always)
    private static func copy(
        _ prefix: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer
    ) {
        var index = 0
        while index &+ 8 <= prefix.count {
            target.storeBytes(
                of: prefix.loadUnaligned(fromByteOffset: index, as: UInt64.self),
                toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < prefix.count {
            target.storeBytes(of: prefix[index], toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
    }

    /// Writes the last `digitCount` digits of a number below 10^18 and up to seven bytes more.
    @inlinable
    package static func writeDigits(
        _ number: UInt64, _ digitCount: Int, to target: UnsafeMutableRawPointer
    ) {
        if digitCount <= 8 {
            let word = ascii(number) &>> UInt64(8 &* (8 &- digitCount))
            target.storeBytes(of: word.littleEndian, as: UInt64.self)
            return
        }
        let high = number / 100_000_000
        let low = number &- high &* 100_000_000
        if digitCount <= 16 {
            let word = ascii(high) &>> UInt64(8 &* (16 &- digitCount))
            target.storeBytes(of: word.littleEndian, as: UInt64.self)
        } else {
            let top = high / 100_000_000
            let word = ascii(top) &>> UInt64(8 &* (24 &- digitCount))
            target.storeBytes(of: word.littleEndian, as: UInt64.self)
            target.storeBytes(
                of: ascii(high &- top &* 100_000_000).littleEndian,
                toByteOffset: digitCount &- 16, as: UInt64.self)
        }
        target.storeBytes(
            of: ascii(low).littleEndian, toByteOffset: digitCount &- 8, as: UInt64.self)
    }

    /// Eight digits of a number below 10^8, the first one in the lowest byte: pairs, then
    /// digits, all at once in the lanes of a word.
    @inlinable
    static func ascii(_ number: UInt64) -> UInt64 {
        let high = number / 10_000
        let fours = high | (number &- high &* 10_000) &<< 32
        let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007F_0000_007F
        let pairs = (fours &- hundreds &* 100) &<< 16 | hundreds
        let tens = (pairs &* 103) &>> 10 & 0x000F_000F_000F_000F
        return ((pairs &- tens &* 10) &<< 8 | tens) &+ 0x3030_3030_3030_3030
    }
}
