internal import StoaBase

/// Sums of words of 64 doubles over two grids.
enum FloatKernels {
    /// Integers over the two grids; worth nothing unless `isExact`.
    struct Sums {
        var first: Int64
        var second: Int64
        /// Whether each value was the sum of its two integers.
        var isExact: Bool
    }

    /// The sums of `wordCount` × 64 values. No branch and only integer sums, so that the loop
    /// vectorises.
    @inline(never)
    static func sum(
        _ values: UnsafePointer<Double>, _ wordCount: Int, _ grid: FloatGrid
    ) -> Sums {
        let shifts = (grid.firstShift, grid.secondShift)
        var (first, second, bad, far): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for row in 0..<wordCount &* 64 { bad |= add(values[row], shifts, &first, &second, &far) }
        return Sums(
            first: integer(first, wordCount, shifts.0),
            second: integer(second, wordCount, shifts.1), isExact: isExact(bad, far))
    }

    /// The moments of words of 64 values: x, hi and lo over their two grids each.
    struct Moments {
        var first: SIMD4<Int64>
        var second: SIMD4<Int64>
        /// Whether each number was the sum of its two integers.
        var isExact: Bool
    }

    /// What splits x, hi and lo: first and second shifts.
    typealias MomentShifts = (x: (Double, Double), hi: (Double, Double), lo: (Double, Double))

    /// The moments of `wordCount` × 64 values; zeros add nothing.
    @inline(never)
    static func moments(
        _ values: UnsafePointer<Double>, _ wordCount: Int, _ shifts: MomentShifts
    ) -> Moments {
        let (x, hi, lo) = shifts
        var (x1, x2, hi1): (UInt64, UInt64, UInt64) = (0, 0, 0)
        var (hi2, lo1, lo2): (UInt64, UInt64, UInt64) = (0, 0, 0)
        // The squares of values within the first grid are within theirs.
        var (bad, far, unused): (UInt64, UInt64, UInt64) = (0, 0, 0)
        for row in 0..<wordCount &* 64 {
            let value = values[row]
            let square = value * value
            bad |= add(value, x, &x1, &x2, &far) | add(square, hi, &hi1, &hi2, &unused)
            bad |= add((-square).addingProduct(value, value), lo, &lo1, &lo2, &unused)
        }
        return Moments(
            first: SIMD4(
                integer(x1, wordCount, x.0), integer(hi1, wordCount, hi.0),
                integer(lo1, wordCount, lo.0), 0),
            second: SIMD4(
                integer(x2, wordCount, x.1), integer(hi2, wordCount, hi.1),
                integer(lo2, wordCount, lo.1), 0),
            isExact: isExact(bad, far))
    }

    /// Adds a number's two integers; what is left of it, 0 or -0 when nothing is.
    @inline(__always)
    private static func add(
        _ value: Double, _ shifts: (Double, Double), _ first: inout UInt64,
        _ second: inout UInt64, _ far: inout UInt64
    ) -> UInt64 {
        let high = value + shifts.0
        let rest = value - (high - shifts.0)
        let low = rest + shifts.1
        first &+= high.bitPattern
        second &+= low.bitPattern
        far |= high.bitPattern ^ shifts.0.bitPattern
        return (rest - (low - shifts.1)).bitPattern
    }

    /// Whether nothing was left of any number, and none left the first grid: `1.25 × 2^e` and a
    /// number below 2^(e-2) have the sign, the exponent and the highest bit of the fraction of
    /// the former.
    @inline(__always)
    private static func isExact(_ bad: UInt64, _ far: UInt64) -> Bool {
        bad &<< 1 == 0 && far &>> 51 == 0
    }

    /// The sum of the integers in the low bits of sums with `shift`.
    @inline(__always)
    private static func integer(_ sum: UInt64, _ wordCount: Int, _ shift: Double) -> Int64 {
        let count = UInt64(truncatingIfNeeded: wordCount) &* 64
        return Int64(bitPattern: sum &- count &* shift.bitPattern)
    }

    // MARK: Single values

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

    // MARK: On the way to the sums

    /// Copies `count` values, those whose bit is not set as zero, and fills the last word.
    @inline(never)
    static func keep(
        _ values: UnsafePointer<Double>, _ mask: UnsafePointer<UInt64>, count: Int,
        into target: UnsafeMutablePointer<Double>
    ) {
        for word in 0..<count / 64 {
            let bits = mask[word]
            let (source, output) = (values + word &* 64, target + word &* 64)
            for row in 0..<64 {
                let kept = 0 &- (bits &>> UInt64(truncatingIfNeeded: row) & 1)
                output[row] = Double(bitPattern: source[row].bitPattern & kept)
            }
        }
        for row in count & ~63..<(count &+ 63) & ~63 {
            output(row, row < count && MaskWords.isSet(mask, row))
        }
        func output(_ row: Int, _ isKept: Bool) { target[row] = isKept ? values[row] : 0 }
    }

    /// Finds out where the values of some rows go: each behind those of its group. A null row
    /// gets the place of the next one: a branch would often be mistaken.
    ///
    /// The values are not moved along with it. A load of a cursor has to wait for the one that was
    /// stored before, and would have to wait for the addresses of all values stored before too.
    static func place(
        _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows, _ range: Range<Int>,
        into places: UnsafeMutablePointer<UInt32>, _ cursors: UnsafeMutablePointer<UInt32>
    ) {
        let groups = rows.groups + range.lowerBound
        if let validity, rows.isWhole {
            placeWhole(
                validity + range.lowerBound / 64, groups, range.count, places, cursors)
        } else if let validity {
            placeListed(
                validity, rows.rows + range.lowerBound, groups, range.count, places, cursors)
        } else {
            for index in 0..<range.count {
                let cursor = cursors + Int(groups[index])
                places[index] = cursor.pointee
                cursor.pointee &+= 1
            }
        }
    }

    @inline(never)
    private static func placeWhole(
        _ validity: UnsafePointer<UInt64>, _ groups: UnsafePointer<UInt32>, _ count: Int,
        _ places: UnsafeMutablePointer<UInt32>, _ cursors: UnsafeMutablePointer<UInt32>
    ) {
        for first in stride(from: 0, to: count, by: 64) {
            var bits = validity[first / 64]
            for row in first..<min(first &+ 64, count) {
                let cursor = cursors + Int(groups[row])
                let place = cursor.pointee
                places[row] = place
                cursor.pointee = place &+ UInt32(truncatingIfNeeded: bits & 1)
                bits &>>= 1
            }
        }
    }

    @inline(never)
    private static func placeListed(
        _ validity: UnsafePointer<UInt64>, _ rows: UnsafePointer<UInt16>,
        _ groups: UnsafePointer<UInt32>, _ count: Int, _ places: UnsafeMutablePointer<UInt32>,
        _ cursors: UnsafeMutablePointer<UInt32>
    ) {
        for index in 0..<count {
            let cursor = cursors + Int(groups[index])
            let place = cursor.pointee
            places[index] = place
            let bit = MaskWords.bit(validity, Int(rows[index]))
            cursor.pointee = place &+ UInt32(truncatingIfNeeded: bit)
        }
    }

    /// Does both for rows 0, 1, 2 … of at most eight groups: how many rows of a word each group
    /// has had is kept in the bytes of a register, so that no row waits for the one before it.
    ///
    /// - Parameter validity: Nil when no row is null.
    @inline(never)
    static func scatterFew(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?,
        _ groups: UnsafePointer<UInt32>, _ count: Int, into base: UnsafeMutablePointer<Double>,
        _ cursors: UnsafeMutablePointer<UInt32>
    ) {
        for word in 0..<MaskWords.wordCount(count) {
            let first = word &* 64
            var bits = validity.map { $0[word] } ?? .max
            if first &+ 64 > count { bits &= MaskWords.lastWordBits(count) }
            var counts: UInt64 = 0
            while bits != 0 {
                let row = first &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                let group = groups[row]
                let shift = UInt64(truncatingIfNeeded: group &* 8)
                let place = UInt64(cursors[Int(group)]) &+ (counts &>> shift & 0xFF)
                base[Int(truncatingIfNeeded: place)] = values[row]
                counts &+= 1 &<< shift
            }
            for group in 0..<8 {
                cursors[group] &+= UInt32(truncatingIfNeeded: counts & 0xFF)
                counts &>>= 8
            }
        }
    }

    /// Moves the values of some rows to their places.
    static func scatter(
        _ values: UnsafePointer<Double>, _ rows: GroupedRows, _ range: Range<Int>,
        _ places: UnsafePointer<UInt32>, into base: UnsafeMutablePointer<Double>
    ) {
        if rows.isWhole {
            let source = values + range.lowerBound
            for index in 0..<range.count { base[Int(places[index])] = source[index] }
        } else {
            let list = rows.rows + range.lowerBound
            for index in 0..<range.count { base[Int(places[index])] = values[Int(list[index])] }
        }
    }
}
