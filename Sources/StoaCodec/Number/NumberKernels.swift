internal import StoaModel

/// Loops over decoded numbers that several encodings need.
enum NumberKernels {
    /// Copies `count` numbers into a wider lane, each with `addend` added modulo 2^T.
    static func widen(
        _ source: UnsafeRawPointer, from lane: Lane, count: Int, adding addend: UInt64,
        into target: (pointer: UnsafeMutableRawPointer, lane: Lane)
    ) {
        switch (lane, target.lane) {
        case (.u8, .u16): widenBytesToShorts(source, count, addend, target.pointer)
        case (.u8, .u32): widenBytesToWords(source, count, addend, target.pointer)
        case (.u8, .u64): widenBytesToLongs(source, count, addend, target.pointer)
        case (.u16, .u32): widenShortsToWords(source, count, addend, target.pointer)
        case (.u16, .u64): widenShortsToLongs(source, count, addend, target.pointer)
        case (.u32, .u64): widenWordsToLongs(source, count, addend, target.pointer)
        default:
            for index in 0..<count {
                let number = lane.load(source, index) &+ addend
                target.lane.store(number, to: target.pointer, index)
            }
        }
    }

    /// Fills `count` numbers of a lane with one number.
    static func fill(
        _ target: UnsafeMutableRawPointer, lane: Lane, count: Int, with number: UInt64
    ) {
        switch lane {
        case .constant: return
        case .u8:
            target.assumingMemoryBound(to: UInt8.self)
                .update(repeating: UInt8(truncatingIfNeeded: number), count: count)
        case .u16:
            target.assumingMemoryBound(to: UInt16.self)
                .update(repeating: UInt16(truncatingIfNeeded: number), count: count)
        case .u32:
            target.assumingMemoryBound(to: UInt32.self)
                .update(repeating: UInt32(truncatingIfNeeded: number), count: count)
        case .u64:
            target.assumingMemoryBound(to: UInt64.self).update(repeating: number, count: count)
        }
    }

    /// The values themselves as 64-bit patterns: `base + multiplier × number` modulo 2^64.
    static func materialize(
        _ numbers: Vector.Integers, count: Int, into target: UnsafeMutablePointer<UInt64>
    ) {
        let base = UInt64(bitPattern: numbers.base)
        let multiplier = UInt64(bitPattern: numbers.multiplier)
        switch numbers.lane {
        case .constant: target.update(repeating: base, count: count)
        case .u8: scaleBytes(numbers.values, count, base, multiplier, target)
        case .u16: scaleShorts(numbers.values, count, base, multiplier, target)
        case .u32: scaleWords(numbers.values, count, base, multiplier, target)
        case .u64: scaleLongs(numbers.values, count, base, multiplier, target)
        }
    }

    /// The low 32 bits of `count` 64-bit patterns.
    @inline(never)
    static func narrowToWords(
        _ source: UnsafePointer<UInt64>, count: Int, into target: UnsafeMutablePointer<UInt32>
    ) {
        for index in 0..<count { target[index] = UInt32(truncatingIfNeeded: source[index]) }
    }

    /// The low bits of `count` 64-bit patterns, in a narrower lane.
    static func narrow(
        _ source: UnsafePointer<UInt64>, count: Int, into target: UnsafeMutableRawPointer,
        lane: Lane
    ) {
        switch lane {
        case .constant: return
        case .u8: narrowToBytes(source, count, target)
        case .u16: narrowToShorts(source, count, target)
        case .u32:
            narrowToWords(
                source, count: count, into: target.assumingMemoryBound(to: UInt32.self))
        case .u64: target.copyMemory(from: source, byteCount: count &* 8)
        }
    }

    // MARK: One entry per pair of lanes, so that each loop is compiled for its types.

    @inline(__always)
    private static func widenLoop<
        A: FixedWidthInteger & UnsignedInteger, B: FixedWidthInteger & UnsignedInteger
    >(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer, _: A.Type, _: B.Type
    ) {
        let input = source.assumingMemoryBound(to: A.self)
        let output = target.assumingMemoryBound(to: B.self)
        let added = B(truncatingIfNeeded: addend)
        for index in 0..<count { output[index] = B(truncatingIfNeeded: input[index]) &+ added }
    }

    @inline(never)
    private static func widenBytesToShorts(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) { widenLoop(source, count, addend, target, UInt8.self, UInt16.self) }

    @inline(never)
    private static func widenBytesToWords(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) { widenLoop(source, count, addend, target, UInt8.self, UInt32.self) }

    @inline(never)
    private static func widenBytesToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) { widenLoop(source, count, addend, target, UInt8.self, UInt64.self) }

    @inline(never)
    private static func widenShortsToWords(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) { widenLoop(source, count, addend, target, UInt16.self, UInt32.self) }

    @inline(never)
    private static func widenShortsToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) { widenLoop(source, count, addend, target, UInt16.self, UInt64.self) }

    @inline(never)
    private static func widenWordsToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer
    ) { widenLoop(source, count, addend, target, UInt32.self, UInt64.self) }

    @inline(__always)
    private static func scaleLoop<A: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ multiplier: UInt64,
        _ target: UnsafeMutablePointer<UInt64>, _: A.Type
    ) {
        let input = source.assumingMemoryBound(to: A.self)
        if multiplier == 1 {
            for index in 0..<count {
                target[index] = UInt64(truncatingIfNeeded: input[index]) &+ base
            }
        } else {
            for index in 0..<count {
                target[index] = UInt64(truncatingIfNeeded: input[index]) &* multiplier &+ base
            }
        }
    }

    @inline(never)
    private static func scaleBytes(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ multiplier: UInt64,
        _ target: UnsafeMutablePointer<UInt64>
    ) { scaleLoop(source, count, base, multiplier, target, UInt8.self) }

    @inline(never)
    private static func scaleShorts(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ multiplier: UInt64,
        _ target: UnsafeMutablePointer<UInt64>
    ) { scaleLoop(source, count, base, multiplier, target, UInt16.self) }

    @inline(never)
    private static func scaleWords(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ multiplier: UInt64,
        _ target: UnsafeMutablePointer<UInt64>
    ) { scaleLoop(source, count, base, multiplier, target, UInt32.self) }

    @inline(never)
    private static func scaleLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ multiplier: UInt64,
        _ target: UnsafeMutablePointer<UInt64>
    ) { scaleLoop(source, count, base, multiplier, target, UInt64.self) }

    @inline(never)
    private static func narrowToBytes(
        _ source: UnsafePointer<UInt64>, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
        let output = target.assumingMemoryBound(to: UInt8.self)
        for index in 0..<count { output[index] = UInt8(truncatingIfNeeded: source[index]) }
    }

    @inline(never)
    private static func narrowToShorts(
        _ source: UnsafePointer<UInt64>, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
        let output = target.assumingMemoryBound(to: UInt16.self)
        for index in 0..<count { output[index] = UInt16(truncatingIfNeeded: source[index]) }
    }
}
