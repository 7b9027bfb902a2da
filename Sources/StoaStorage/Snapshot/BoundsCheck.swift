internal import StoaBase
internal import StoaModel

/// Whether decoded numbers lie between bounds: their least and greatest, a register at a time.
enum BoundsCheck {
    /// Null rows hold values of others, or zeros in a vector that has nothing else.
    static func hold(
        _ numbers: Vector.Integers, vector: Vector, bounds: ClosedRange<Int128>
    ) -> Bool {
        let isUnsigned = bounds.upperBound > Int128(Int64.max)
        if numbers.multiplier <= 0 || numbers.lane == .constant {
            return holdEach(numbers, vector, bounds)
        }
        if numbers.lane == .u64, numbers.multiplier == 1,
            bounds.upperBound - bounds.lowerBound <= Int128(Int64.max)
        {
            return holdLongs(numbers, rowCount: vector.rowCount, bounds)
        }
        let (least, greatest) = extremes(numbers, rowCount: vector.rowCount)
        let base =
            isUnsigned ? Int128(UInt64(bitPattern: numbers.base)) : Int128(numbers.base)
        let low = base + Int128(numbers.multiplier) * Int128(least)
        let high = base + Int128(numbers.multiplier) * Int128(greatest)
        if bounds.contains(low), bounds.contains(high) { return true }
        // Numbers may go around 2^64, as those of whole 64 bits do.
        return holdEach(numbers, vector, bounds)
    }

    /// One of both distances is negative where a number is outside; the processor has no cheaper
    /// way to compare 64 bits.
    @inline(never)
    private static func holdLongs(
        _ numbers: Vector.Integers, rowCount: Int, _ bounds: ClosedRange<Int128>
    ) -> Bool {
        let source = numbers.values.assumingMemoryBound(to: Int64.self)
        let low = Int64(truncatingIfNeeded: bounds.lowerBound) &- numbers.base
        let high = Int64(truncatingIfNeeded: bounds.upperBound) &- numbers.base
        var signs: Int64 = 0
        for row in 0..<rowCount {
            signs |= (source[row] &- low) | (high &- source[row])
        }
        return signs >= 0
    }

    private static func holdEach(
        _ numbers: Vector.Integers, _ vector: Vector, _ bounds: ClosedRange<Int128>
    ) -> Bool {
        let rowCount = numbers.lane == .constant ? min(1, vector.rowCount) : vector.rowCount
        if numbers.lane == .constant, let words = vector.validity,
            (0..<(vector.rowCount + 63) / 64).allSatisfy({ words[$0] == 0 })
        {
            return true
        }
        let low = UInt64(truncatingIfNeeded: bounds.lowerBound)
        let span = UInt64(truncatingIfNeeded: bounds.upperBound - bounds.lowerBound)
        for row in 0..<rowCount
        where UInt64(bitPattern: numbers.value(row)) &- low > span {
            return false
        }
        return true
    }

    private static func extremes(
        _ numbers: Vector.Integers, rowCount: Int
    ) -> (least: UInt64, greatest: UInt64) {
        switch numbers.lane {
        case .constant: (0, 0)
        case .u8: bytes(numbers.values, rowCount)
        case .u16: shorts(numbers.values, rowCount)
        case .u32: words(numbers.values, rowCount)
        case .u64: longs(numbers.values, rowCount)
        }
    }

    @inline(__always)
    private static func run<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _ count: Int, _: T.Type
    ) -> (least: UInt64, greatest: UInt64) {
        let numbers = source.assumingMemoryBound(to: T.self)
        var least = T.max, greatest: T = 0
        for row in 0..<count {
            least = min(least, numbers[row])
            greatest = max(greatest, numbers[row])
        }
        return (UInt64(least), UInt64(greatest))
    }

    @inline(never)
    private static func bytes(
        _ source: UnsafeRawPointer, _ count: Int
    ) -> (least: UInt64, greatest: UInt64) { run(source, count, UInt8.self) }

    @inline(never)
    private static func shorts(
        _ source: UnsafeRawPointer, _ count: Int
    ) -> (least: UInt64, greatest: UInt64) { run(source, count, UInt16.self) }

    @inline(never)
    private static func words(
        _ source: UnsafeRawPointer, _ count: Int
    ) -> (least: UInt64, greatest: UInt64) { run(source, count, UInt32.self) }

    @inline(never)
    private static func longs(
        _ source: UnsafeRawPointer, _ count: Int
    ) -> (least: UInt64, greatest: UInt64) { run(source, count, UInt64.self) }
}
