internal import StoaBase

/// Numbers of up to 56 bits one behind the other, lowest bit first: for the rows behind the last
/// whole vector, which the interleaved layout would fill up with nothing.
enum SequentialBits {
    /// Bytes of `count` numbers.
    static func byteCount(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }

    /// Stores a number into zeroed memory with 7 bytes behind it.
    static func store(
        _ number: UInt64, width: Int, to target: UnsafeMutableRawPointer, _ index: Int
    ) {
        guard width > 0 else { return }
        let bit = index * width
        let place = target + bit >> 3
        let old = place.loadUnaligned(as: UInt64.self)
        place.storeBytes(
            of: old | (number & .mask(width: width)) << UInt64(bit & 7), as: UInt64.self)
    }

    /// Reads a number; up to 7 bytes behind the last one are read too.
    @inline(__always)
    static func load(_ source: UnsafeRawPointer, width: Int, _ index: Int) -> UInt64 {
        let bit = index &* width
        let bits = source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
        return (bits &>> UInt64(truncatingIfNeeded: bit & 7)) & .mask(width: width)
    }
}
