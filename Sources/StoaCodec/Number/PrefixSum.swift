internal import StoaModel

/// Running sums of the steps of one vector, of which there may be fewer than 1,024.
enum PrefixSum {
    /// `target[r] = start + steps[0] + … + steps[r]` modulo 2^32.
    static func words(
        _ steps: Vector.Integers, count: Int, from start: UInt32,
        into target: UnsafeMutablePointer<UInt32>
    ) {
        let base = UInt32(truncatingIfNeeded: steps.base)
        let multiplier = UInt32(truncatingIfNeeded: steps.multiplier)
        let factors = (start, base, multiplier)
        switch steps.lane {
        case .constant:
            for row in 0..<count {
                target[row] = start &+ base &* UInt32(truncatingIfNeeded: row &+ 1)
            }
        case .u8: bytesToWords(steps.values, count, factors, target)
        case .u16: shortsToWords(steps.values, count, factors, target)
        case .u32: wordsToWords(steps.values, count, factors, target)
        case .u64: longsToWords(steps.values, count, factors, target)
        }
    }

    /// The same modulo 2^64.
    static func longs(
        _ steps: Vector.Integers, count: Int, from start: UInt64,
        into target: UnsafeMutablePointer<UInt64>
    ) {
        let base = UInt64(bitPattern: steps.base)
        let factors = (start, base, UInt64(bitPattern: steps.multiplier))
        switch steps.lane {
        case .constant:
            for row in 0..<count {
                target[row] = start &+ base &* UInt64(truncatingIfNeeded: row &+ 1)
            }
        case .u8: bytesToLongs(steps.values, count, factors, target)
        case .u16: shortsToLongs(steps.values, count, factors, target)
        case .u32: wordsToLongs(steps.values, count, factors, target)
        case .u64: longsToLongs(steps.values, count, factors, target)
        }
    }

    @inline(__always)
    private static func run<
        A: FixedWidthInteger & UnsignedInteger, B: FixedWidthInteger & UnsignedInteger
    >(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (start: B, base: B, multiplier: B),
        _ target: UnsafeMutablePointer<B>, _: A.Type
    ) {
        let input = source.assumingMemoryBound(to: A.self)
        var sum = factors.start
        if factors.multiplier == 1 {
            for row in 0..<count {
                sum &+= B(truncatingIfNeeded: input[row]) &+ factors.base
                target[row] = sum
            }
        } else {
            for row in 0..<count {
                let step = B(truncatingIfNeeded: input[row]) &* factors.multiplier
                sum &+= step &+ factors.base
                target[row] = sum
            }
        }
    }

    @inline(never)
    private static func bytesToWords(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt32, UInt32, UInt32),
        _ target: UnsafeMutablePointer<UInt32>
    ) { run(source, count, factors, target, UInt8.self) }

    @inline(never)
    private static func shortsToWords(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt32, UInt32, UInt32),
        _ target: UnsafeMutablePointer<UInt32>
    ) { run(source, count, factors, target, UInt16.self) }

    @inline(never)
    private static func wordsToWords(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt32, UInt32, UInt32),
        _ target: UnsafeMutablePointer<UInt32>
    ) { run(source, count, factors, target, UInt32.self) }

    @inline(never)
    private static func longsToWords(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt32, UInt32, UInt32),
        _ target: UnsafeMutablePointer<UInt32>
    ) { run(source, count, factors, target, UInt64.self) }

    @inline(never)
    private static func bytesToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt64, UInt64, UInt64),
        _ target: UnsafeMutablePointer<UInt64>
    ) { run(source, count, factors, target, UInt8.self) }

    @inline(never)
    private static func shortsToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt64, UInt64, UInt64),
        _ target: UnsafeMutablePointer<UInt64>
    ) { run(source, count, factors, target, UInt16.self) }

    @inline(never)
    private static func wordsToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt64, UInt64, UInt64),
        _ target: UnsafeMutablePointer<UInt64>
    ) { run(source, count, factors, target, UInt32.self) }

    @inline(never)
    private static func longsToLongs(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: (UInt64, UInt64, UInt64),
        _ target: UnsafeMutablePointer<UInt64>
    ) { run(source, count, factors, target, UInt64.self) }
}
