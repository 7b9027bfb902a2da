internal import StoaModel

/// Floats as 64-bit patterns and back: a FLOAT64 is its bits, a FLOAT32 is its 32 bits.
enum FloatPatterns {
    /// The patterns as doubles, where they stand when no arithmetic is needed.
    static func float64(
        _ numbers: Vector.Integers, _ count: Int, into target: UnsafeMutableRawPointer
    ) -> UnsafePointer<Double> {
        if numbers.lane == .u64, numbers.base == 0, numbers.multiplier == 1 {
            return numbers.values.assumingMemoryBound(to: Double.self)
        }
        NumberKernels.materialize(
            numbers, count: count, into: target.assumingMemoryBound(to: UInt64.self))
        return UnsafeRawPointer(target).assumingMemoryBound(to: Double.self)
    }

    /// The low halves of the patterns as floats, where they stand when no arithmetic is needed.
    static func float32(
        _ numbers: Vector.Integers, _ count: Int, into target: UnsafeMutableRawPointer
    ) -> UnsafePointer<Float> {
        if numbers.lane == .u32, numbers.base == 0, numbers.multiplier == 1 {
            return numbers.values.assumingMemoryBound(to: Float.self)
        }
        let output = target.assumingMemoryBound(to: UInt32.self)
        let base = UInt32(truncatingIfNeeded: numbers.base)
        let multiplier = UInt32(truncatingIfNeeded: numbers.multiplier)
        for row in 0..<count {
            let number = UInt32(truncatingIfNeeded: numbers.lane.load(numbers.values, row))
            output[row] = base &+ multiplier &* number
        }
        return UnsafeRawPointer(target).assumingMemoryBound(to: Float.self)
    }

    /// Bounds in the total order (-0.0 is 0.0, NaN above +Inf) of at least one double.
    @inline(never)
    static func bounds(
        doubles patterns: UnsafePointer<UInt64>, count: Int
    ) -> BlockStatistics.Bounds {
        var least = Int64.max, greatest = Int64.min
        for row in 0..<count {
            let key = OrderKey.key(Double(bitPattern: patterns[row]))
            least = key < least ? key : least
            greatest = key > greatest ? key : greatest
        }
        return .floats(min: OrderKey.float(least), max: OrderKey.float(greatest))
    }

    /// The same of at least one float.
    @inline(never)
    static func bounds(
        floats patterns: UnsafePointer<UInt64>, count: Int
    ) -> BlockStatistics.Bounds {
        var least = Int64.max, greatest = Int64.min
        for row in 0..<count {
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: patterns[row]))
            let key = OrderKey.key(Double(float))
            least = key < least ? key : least
            greatest = key > greatest ? key : greatest
        }
        return .floats(min: OrderKey.float(least), max: OrderKey.float(greatest))
    }
}
