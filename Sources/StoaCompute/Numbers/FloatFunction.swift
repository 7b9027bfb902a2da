internal import StoaBase

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

    /// Half away from zero to so many digits after the point; what gets too large stays as it is.
    package static func round(
        _ values: UnsafePointer<Double>, digits: Int, rowCount: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        var factor = 1.0
        for _ in 0..<digits { factor *= 10 }
        for row in 0..<rowCount {
            let scaled = values[row] * factor
            let rounded = scaled.rounded(.toNearestOrAwayFromZero) / factor
            out[row] = scaled.isFinite ? rounded : values[row]
        }
    }
}
