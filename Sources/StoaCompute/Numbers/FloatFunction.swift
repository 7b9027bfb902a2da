internal import StoaBase
internal import StoaModel

/// Functions of doubles; the raw values are SQL's words. Results are those of IEEE 754: NaN and
/// infinities, never an error.
package enum FloatFunction: String, CaseIterable, Sendable {
    case abs, floor, ceil, trunc, sqrt, cbrt, exp, ln, log10, log2

    /// Of every value; a null row may hold anything.
    package func apply(
        _ values: UnsafePointer<Double>, rowCount: Int, into out: UnsafeMutablePointer<Double>
    ) {
        switch self {
        case .abs: for row in 0..<rowCount { out[row] = values[row].magnitude }
        case .floor: for row in 0..<rowCount { out[row] = values[row].rounded(.down) }
        case .ceil: for row in 0..<rowCount { out[row] = values[row].rounded(.up) }
        case .trunc: for row in 0..<rowCount { out[row] = values[row].rounded(.towardZero) }
        case .sqrt: for row in 0..<rowCount { out[row] = values[row].squareRoot() }
        case .cbrt: for row in 0..<rowCount { out[row] = FloatMath.cbrt(values[row]) }
        case .exp: for row in 0..<rowCount { out[row] = FloatMath.exp(values[row]) }
        case .ln: for row in 0..<rowCount { out[row] = FloatMath.log(values[row]) }
        case .log10: for row in 0..<rowCount { out[row] = FloatMath.log10(values[row]) }
        case .log2: for row in 0..<rowCount { out[row] = FloatMath.log2(values[row]) }
        }
    }

    /// `bases` to the power of `exponents`.
    package static func power(
        _ bases: UnsafePointer<Double>, _ exponents: UnsafePointer<Double>, rowCount: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        for row in 0..<rowCount { out[row] = FloatMath.pow(bases[row], exponents[row]) }
    }

    /// The value itself, exactly, half away from zero to so many digits after the point (0 … 38),
    /// and then the nearest double: what a CAST to a decimal and back gives.
    package static func round(
        _ values: UnsafePointer<Double>, digits: Int, rowCount: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        if digits == 0 {
            for row in 0..<rowCount {
                out[row] = values[row].rounded(.toNearestOrAwayFromZero)
            }
            return
        }
        let factor = Double(Int128.powerOfTen(digits))
        // Up to 10^22 the factor is exact, and so is one division of two exact numbers.
        let limit = digits <= 22 ? 0x1p52 : 0
        for row in 0..<rowCount {
            let scaled = values[row] * factor
            let whole = scaled.rounded(.toNearestOrAwayFromZero)
            let distance = (scaled - whole).magnitude
            // The product is off by 2^-53 of it at most: farther from a half it decides.
            let isClear = (0.5 - distance).magnitude > scaled.magnitude * 0x1p-52
            out[row] =
                scaled.magnitude < limit && isClear
                ? whole / factor : roundExactly(values[row], digits: digits)
        }
    }

    private static func roundExactly(_ value: Double, digits: Int) -> Double {
        // What has more than 38 digits has none behind the point that could go.
        guard let unscaled = CastKernels.decimal(value, scale: digits) else { return value }
        return CastKernels.toFloat(unscaled, scale: digits)
    }
}
