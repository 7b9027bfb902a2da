/// Sums of 64 doubles at a time over two grids.
enum FloatKernels {
    /// Integers over the two grids; worth nothing unless `isExact`.
    struct Sums {
        var first: Int64
        var second: Int64
        /// Whether each value was the sum of its two integers.
        var isExact: Bool
    }

    /// The sums of 64 values.
    static func sumAll(_ values: UnsafePointer<Double>, _ grid: FloatGrid) -> Sums {
        sum(grid) { values[$0] }
    }

    /// The sums of those of 64 values whose bit is set.
    static func sumSome(
        _ values: UnsafePointer<Double>, _ bits: UInt64, _ grid: FloatGrid
    ) -> Sums {
        sum(grid) { row in
            let keep = 0 &- (bits &>> UInt64(truncatingIfNeeded: row) & 1)
            return Double(bitPattern: values[row].bitPattern & keep)
        }
    }

    /// No branch and only integer sums, so that the loop vectorises.
    @inline(__always)
    private static func sum(_ grid: FloatGrid, _ value: (Int) -> Double) -> Sums {
        let (firstShift, secondShift) = (grid.firstShift, grid.secondShift)
        let top = Int64(bitPattern: grid.limit.bitPattern) &- 1
        var (first, second, bad): (UInt64, UInt64, UInt64) = (0, 0, 0)
        for row in 0..<64 {
            let value = value(row)
            let high = value + firstShift
            let rest = value - (high - firstShift)
            let low = rest + secondShift
            first &+= high.bitPattern
            second &+= low.bitPattern
            // A rest that is not zero, or, by the sign, a magnitude that reaches the limit.
            bad |= (rest - (low - secondShift)).magnitude.bitPattern
            bad |=
                UInt64(
                    bitPattern: top &- Int64(bitPattern: value.magnitude.bitPattern)) & 1 &<< 63
        }
        return Sums(
            first: Int64(bitPattern: first &- 64 &* firstShift.bitPattern),
            second: Int64(bitPattern: second &- 64 &* secondShift.bitPattern), isExact: bad == 0)
    }

    /// The moments of 64 values: x, hi and lo over their two grids each.
    struct Moments {
        var first: SIMD4<Int64>
        var second: SIMD4<Int64>
        /// Whether each number was the sum of its two integers.
        var isExact: Bool
    }

    /// What splits x, hi and lo: first and second shifts.
    typealias MomentShifts = (
        x: (Double, Double), hi: (Double, Double), lo: (Double, Double), limit: Double
    )

    /// The moments of 64 values; zeros add nothing.
    @inline(never)
    static func moments(_ values: UnsafePointer<Double>, _ shifts: MomentShifts) -> Moments {
        let (x, hi, lo, limit) = shifts
        let top = Int64(bitPattern: limit.bitPattern) &- 1
        var (x1, x2, hi1): (UInt64, UInt64, UInt64) = (0, 0, 0)
        var (hi2, lo1, lo2): (UInt64, UInt64, UInt64) = (0, 0, 0)
        var bad: UInt64 = 0
        for row in 0..<64 {
            let value = values[row]
            let square = value * value
            bad |= add(value, x, &x1, &x2) | add(square, hi, &hi1, &hi2)
            bad |= add((-square).addingProduct(value, value), lo, &lo1, &lo2)
            bad |=
                UInt64(
                    bitPattern: top &- Int64(bitPattern: value.magnitude.bitPattern)) & 1 &<< 63
        }
        func integer(_ sum: UInt64, _ shift: Double) -> Int64 {
            Int64(bitPattern: sum &- 64 &* shift.bitPattern)
        }
        return Moments(
            first: SIMD4(integer(x1, x.0), integer(hi1, hi.0), integer(lo1, lo.0), 0),
            second: SIMD4(integer(x2, x.1), integer(hi2, hi.1), integer(lo2, lo.1), 0),
            isExact: bad == 0)
    }

    /// Adds a number's two integers; what is left of it, 0 when nothing is.
    @inline(__always)
    private static func add(
        _ value: Double, _ shifts: (Double, Double), _ first: inout UInt64,
        _ second: inout UInt64
    ) -> UInt64 {
        let high = value + shifts.0
        let rest = value - (high - shifts.0)
        let low = rest + shifts.1
        first &+= high.bitPattern
        second &+= low.bitPattern
        return (rest - (low - shifts.1)).magnitude.bitPattern
    }

    /// One value as two integers; nil when it does not split.
    @inline(__always)
    static func split(
        _ value: Double, _ grid: FloatGrid
    ) -> (first: Int64, second: Int64)? {
        let high = value + grid.firstShift
        let rest = value - (high - grid.firstShift)
        let low = rest + grid.secondShift
        guard value.magnitude < grid.limit, rest == low - grid.secondShift else { return nil }
        return (
            Int64(bitPattern: high.bitPattern &- grid.firstShift.bitPattern),
            Int64(bitPattern: low.bitPattern &- grid.secondShift.bitPattern)
        )
    }
}
