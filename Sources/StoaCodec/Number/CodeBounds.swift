internal import StoaBase
internal import StoaModel

/// Whether decoded codes are codes: their greatest, found a register at a time.
enum CodeBounds {
    /// Whether the first `rowCount` numbers are all at least 0 and below `limit`.
    static func hold(_ numbers: Vector.Integers, rowCount: Int, below limit: Int) -> Bool {
        let isSimple =
            numbers.multiplier == 1 && numbers.base >= 0 && numbers.base < Int64(limit)
        if numbers.lane == .constant { return isSimple || numbers.pattern(0) < UInt64(limit) }
        guard isSimple else {
            // Numbers may lead back from a base below 0.
            return (0..<rowCount).allSatisfy { numbers.pattern($0) < UInt64(limit) }
        }
        let most = UInt64(Int64(limit) - 1 - numbers.base)
        if most >= .mask(width: numbers.lane.bitCount) { return true }
        return greatest(numbers, rowCount: rowCount) <= most
    }

    private static func greatest(_ numbers: Vector.Integers, rowCount: Int) -> UInt64 {
        switch numbers.lane {
        case .constant: 0
        case .u8: bytes(numbers.values, rowCount)
        case .u16: shorts(numbers.values, rowCount)
        case .u32: words(numbers.values, rowCount)
        case .u64: longs(numbers.values, rowCount)
        }
    }

    @inline(__always)
    private static func run<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _ count: Int, _: T.Type
    ) -> UInt64 {
        let numbers = source.assumingMemoryBound(to: T.self)
        var greatest: T = 0
        for row in 0..<count { greatest = max(greatest, numbers[row]) }
        return UInt64(greatest)
    }

    @inline(never)
    private static func bytes(_ source: UnsafeRawPointer, _ count: Int) -> UInt64 {
        run(source, count, UInt8.self)
    }

    @inline(never)
    private static func shorts(_ source: UnsafeRawPointer, _ count: Int) -> UInt64 {
        run(source, count, UInt16.self)
    }

    @inline(never)
    private static func words(_ source: UnsafeRawPointer, _ count: Int) -> UInt64 {
        run(source, count, UInt32.self)
    }

    @inline(never)
    private static func longs(_ source: UnsafeRawPointer, _ count: Int) -> UInt64 {
        run(source, count, UInt64.self)
    }
}
