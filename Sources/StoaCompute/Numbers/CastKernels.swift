internal import StoaModel

/// Conversions between numbers. Rounding: half away from zero to decimals and integers from
/// decimals, half to even from floats.
package enum CastKernels {
    /// Doubles from unscaled decimals: the nearest double of `value × 10^-scale`.
    package static func toFloat(
        _ values: UnsafePointer<Int64>, scale: Int, rowCount: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        if scale == 0 {
            for row in 0..<rowCount { out[row] = Double(values[row]) }
            return
        }
        // Powers of ten up to 10^22 are exact doubles, so one division of an exact dividend
        // rounds once.
        let divisor = Double(Int128.powerOfTen(min(scale, 22)))
        for row in 0..<rowCount {
            let value = values[row]
            if scale <= 22, value > -(1 << 53), value < 1 << 53 {
                out[row] = Double(value) / divisor
            } else {
                out[row] = toFloat(Int128(value), scale: scale)
            }
        }
    }

    /// Doubles from 128-bit unscaled decimals.
    package static func toFloat(
        wide values: UnsafePointer<Int128>, scale: Int, rowCount: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        for row in 0..<rowCount { out[row] = toFloat(values[row], scale: scale) }
    }

    /// Doubles from unsigned 64-bit integers.
    package static func toFloat(
        unsigned values: UnsafePointer<Int64>, rowCount: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        for row in 0..<rowCount { out[row] = Double(UInt64(bitPattern: values[row])) }
    }

    /// The nearest double of `value × 10^-scale`, ties to even.
    package static func toFloat(_ value: Int128, scale: Int) -> Double {
        scale == 0
            ? Double(value) : BinaryRatio.nearest(value, over: UInt128(Int128.powerOfTen(scale)))
    }

    /// Floats to FLOAT32's values, kept as doubles; a finite one beyond its range is an error.
    package static func toFloat32(
        _ values: UnsafePointer<Double>, scope: RowScope, into out: UnsafeMutablePointer<Double>
    ) throws(ComputeError) {
        for row in 0..<scope.rowCount {
            let value = values[row]
            let narrow = Double(Float(value))
            out[row] = narrow
            if narrow.isInfinite, value.isFinite, scope.counts(row) { throw .numericOverflow }
        }
    }

    /// Unscaled decimals of another scale.
    package static func rescale(
        _ values: UnsafePointer<Int128>, from scale: Int, to target: Int, scope: RowScope,
        into out: UnsafeMutablePointer<Int128>
    ) throws(ComputeError) {
        if target >= scale {
            let factor = Int128.powerOfTen(min(38, target - scale))
            for row in 0..<scope.rowCount {
                let (product, overflow) = values[row].multipliedReportingOverflow(by: factor)
                out[row] = product
                if overflow, scope.counts(row) { throw .numericOverflow }
            }
            return
        }
        let divisor = Int128.powerOfTen(scale - target)
        for row in 0..<scope.rowCount { out[row] = divideHalfAway(values[row], by: divisor) }
    }

    /// The quotient rounded half away from zero; the divisor is a positive power of ten.
    @inline(__always)
    package static func divideHalfAway(_ value: Int128, by divisor: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        // |remainder| < divisor ≤ 10^38, so its double fits.
        guard remainder.magnitude &* 2 >= divisor.magnitude else { return quotient }
        return value < 0 ? quotient - 1 : quotient + 1
    }

    /// Integers from floats, half to even; infinite, NaN and what passes `range` are errors.
    package static func toInteger(
        _ values: UnsafePointer<Double>, range: ClosedRange<Int128>, scope: RowScope,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ComputeError) {
        for row in 0..<scope.rowCount {
            let rounded = values[row].rounded(.toNearestOrEven)
            guard rounded.magnitude < 0x1p64, range.contains(Int128(rounded)) else {
                if scope.counts(row) { throw .numericOverflow }
                out[row] = 0
                continue
            }
            out[row] = Int64(truncatingIfNeeded: Int128(rounded))
        }
    }

    /// Unscaled decimals from floats: the float's exact value, half away from zero.
    package static func toDecimal(
        _ values: UnsafePointer<Double>, scale: Int, limit: Int128, scope: RowScope,
        into out: UnsafeMutablePointer<Int128>
    ) throws(ComputeError) {
        for row in 0..<scope.rowCount {
            guard let unscaled = decimal(values[row], scale: scale), unscaled <= limit,
                unscaled >= -limit
            else {
                if scope.counts(row) { throw .numericOverflow }
                out[row] = 0
                continue
            }
            out[row] = unscaled
        }
    }

    /// The integer nearest to `float × 10^scale`, ties away from zero; nil beyond ±10^38.
    package static func decimal(_ float: Double, scale: Int) -> Int128? {
        let magnitude = float.magnitude
        let floor = ScaledFloor(magnitude, scale: scale)
        guard floor.place == .within else { return nil }
        // 2m × 10^scale lies at or above 2 × floor + 1 exactly when the fraction is ≥ 1/2.
        var rounded = floor.value
        if !floor.isExact {
            let doubled = ScaledFloor(magnitude * 2, scale: scale)
            if doubled.place != .within || doubled.value >= floor.value * 2 + 1 { rounded += 1 }
        }
        return float < 0 ? -rounded : rounded
    }

    /// 64-bit numbers from 128-bit ones that fit.
    package static func narrow(
        _ values: UnsafePointer<Int128>, rowCount: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<rowCount { out[row] = Int64(truncatingIfNeeded: values[row]) }
    }
}
