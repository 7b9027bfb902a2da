internal import StoaModel

/// Packing of 1,024 numbers of `width` bits in the interleaved layout, for the machine's widest
/// registers without naming them.
///
/// T is the bit width of the lane, the narrowest that holds `width`; L = 1,024 / T lanes;
/// P = 0, 4, 2, 6, 1, 5, 3, 7. Row r (0 … T-1) of lane l is the number at vector position
/// `16 × P[r / 8] + 128 × (r mod 8) + l`. The T numbers of a lane stand one behind the other,
/// lowest bit first, in `width` words of T bits; word k of all lanes is contiguous. 128 × width
/// bytes for every T.
///
/// Source: Afroozeh and Boncz, "The FastLanes Compression Layout" (PVLDB 16(9), 2023).
enum BitPacking {
    /// Bytes of one packed vector.
    static func byteCount(width: Int) -> Int { 128 * width }

    /// Fills 1,024 numbers of the lane of `width` bits, each with `addend` added modulo 2^T.
    static func unpack(
        _ source: UnsafeRawPointer, width: Int, adding addend: UInt64,
        into target: UnsafeMutableRawPointer
    ) {
        switch Lane(width: width) {
        case .constant: return
        case .u8: unpackBytes(source, width, addend, target)
        case .u16: unpackShorts(source, width, addend, target)
        case .u32: unpackWords(source, width, addend, target)
        case .u64: unpackLongs(source, width, addend, target)
        }
    }

    /// Packs 1,024 numbers of the lane of `width` bits whose higher bits are zero.
    static func pack(
        _ source: UnsafeRawPointer, width: Int, into target: UnsafeMutableRawPointer
    ) {
        switch Lane(width: width) {
        case .constant: return
        case .u8: packBytes(source, width, target)
        case .u16: packShorts(source, width, target)
        case .u32: packWords(source, width, target)
        case .u64: packLongs(source, width, target)
        }
    }

    @inline(never)
    private static func unpackBytes(
        _ source: UnsafeRawPointer, _ width: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) {
        unpackLane(
            source.assumingMemoryBound(to: UInt8.self), width, addend,
            target.assumingMemoryBound(to: UInt8.self))
    }

    @inline(never)
    private static func unpackShorts(
        _ source: UnsafeRawPointer, _ width: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) {
        unpackLane(
            source.assumingMemoryBound(to: UInt16.self), width, addend,
            target.assumingMemoryBound(to: UInt16.self))
    }

    @inline(never)
    private static func unpackWords(
        _ source: UnsafeRawPointer, _ width: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) {
        unpackLane(
            source.assumingMemoryBound(to: UInt32.self), width, addend,
            target.assumingMemoryBound(to: UInt32.self))
    }

    @inline(never)
    private static func unpackLongs(
        _ source: UnsafeRawPointer, _ width: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) {
        unpackLane(
            source.assumingMemoryBound(to: UInt64.self), width, addend,
            target.assumingMemoryBound(to: UInt64.self))
    }

    @inline(never)
    private static func packBytes(
        _ source: UnsafeRawPointer, _ width: Int, _ target: UnsafeMutableRawPointer
    ) {
        packLane(
            source.assumingMemoryBound(to: UInt8.self), width,
            target.assumingMemoryBound(to: UInt8.self))
    }

    @inline(never)
    private static func packShorts(
        _ source: UnsafeRawPointer, _ width: Int, _ target: UnsafeMutableRawPointer
    ) {
        packLane(
            source.assumingMemoryBound(to: UInt16.self), width,
            target.assumingMemoryBound(to: UInt16.self))
    }

    @inline(never)
    private static func packWords(
        _ source: UnsafeRawPointer, _ width: Int, _ target: UnsafeMutableRawPointer
    ) {
        packLane(
            source.assumingMemoryBound(to: UInt32.self), width,
            target.assumingMemoryBound(to: UInt32.self))
    }

    @inline(never)
    private static func packLongs(
        _ source: UnsafeRawPointer, _ width: Int, _ target: UnsafeMutableRawPointer
    ) {
        packLane(
            source.assumingMemoryBound(to: UInt64.self), width,
            target.assumingMemoryBound(to: UInt64.self))
    }

    /// The vector position of lane 0 in the first of eight rows; the next row's stands 128 behind.
    @inline(__always)
    private static func position(group: Int) -> Int {
        16 &* (((group & 1) &<< 2) | (group & 2) | ((group & 4) &>> 2))
    }

    /// The inner loops run over lanes with everything else constant: they vectorise, which is
    /// worth more than unrolling one function per width. Word and shift are counted along, because
    /// finding them anew for each row would cost as much as its numbers.
    @inline(__always)
    private static func unpackLane<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafePointer<T>, _ width: Int, _ addend: UInt64,
        _ target: UnsafeMutablePointer<T>
    ) {
        let laneBits = T.bitWidth
        let laneCount = 1_024 / laneBits
        let mask = T(truncatingIfNeeded: UInt64.mask(width: width))
        let added = T(truncatingIfNeeded: addend)
        var low = source
        var shift = 0
        for group in 0..<(laneBits / 8) {
            var output = target + position(group: group)
            for _ in 0..<8 {
                let down = T(truncatingIfNeeded: shift)
                let end = shift &+ width
                if end <= laneBits {
                    for lane in 0..<laneCount {
                        output[lane] = ((low[lane] &>> down) & mask) &+ added
                    }
                    shift = end & (laneBits &- 1)
                    if end == laneBits { low += laneCount }
                } else {
                    let high = low + laneCount
                    let up = T(truncatingIfNeeded: laneBits &- shift)
                    for lane in 0..<laneCount {
                        output[lane] =
                            (((low[lane] &>> down) | (high[lane] &<< up)) & mask) &+ added
                    }
                    low = high
                    shift = end &- laneBits
                }
                output += 128
            }
        }
    }

    @inline(__always)
    private static func packLane<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafePointer<T>, _ width: Int, _ target: UnsafeMutablePointer<T>
    ) {
        let laneBits = T.bitWidth
        let laneCount = 1_024 / laneBits
        target.update(repeating: 0, count: width &* laneCount)
        var low = target
        var shift = 0
        for group in 0..<(laneBits / 8) {
            var input = source + position(group: group)
            for _ in 0..<8 {
                let up = T(truncatingIfNeeded: shift)
                let end = shift &+ width
                for lane in 0..<laneCount { low[lane] |= input[lane] &<< up }
                if end >= laneBits { low += laneCount }
                if end > laneBits {
                    let down = T(truncatingIfNeeded: laneBits &- shift)
                    for lane in 0..<laneCount { low[lane] |= input[lane] &>> down }
                }
                shift = end & (laneBits &- 1)
                input += 128
            }
        }
    }
}
