/// Eight bytes at a time: where a byte occurs.
///
/// Source: Warren, "Hacker's Delight", section 6-1. A marked byte above the lowest marked one may
/// be false; the lowest never is, and only it is used.
enum WordSearch {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The byte in every lane of a word.
    @inline(__always)
    static func spread(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

    /// The high bit of each zero byte, exact up to the lowest.
    @inline(__always)
    static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// Eight bytes with the first one lowest.
    @inline(__always)
    static func load(_ address: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
    }

    /// The position of the first `byte` in `range`, or its end. Reads no byte outside.
    static func first(
        _ byte: UInt8, in text: UnsafeRawBufferPointer, _ range: Range<Int>
    ) -> Int {
        guard let base = text.baseAddress else { return range.upperBound }
        var position = range.lowerBound
        let pattern = spread(byte)
        while range.upperBound &- position >= 32 {
            let at = base + position
            let first = zeroBytes(load(at) ^ pattern)
            let second = zeroBytes(load(at + 8) ^ pattern)
            let third = zeroBytes(load(at + 16) ^ pattern)
            let fourth = zeroBytes(load(at + 24) ^ pattern)
            if first | second | third | fourth != 0 { break }
            position &+= 32
        }
        while range.upperBound &- position >= 8 {
            let found = zeroBytes(load(base + position) ^ pattern)
            if found != 0 { return position &+ found.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < range.upperBound, text[position] != byte { position &+= 1 }
        return position
    }
}
