internal import StoaModel

/// Exact conversions of floats to scaled integers.
package enum FloatRounding {
    /// `value` × 10^`scale` (0 … 38), half away from zero, computed without an intermediate
    /// rounding; nil when it is no number or has more than 38 digits.
    package static func scaled(_ value: Double, scale: Int) -> Int128? {
        guard let product = Product(value, scale: scale), let magnitude = product.rounded,
            magnitude < UInt128(Int128.powerOfTen(38))
        else { return nil }
        return value < 0 ? -Int128(magnitude) : Int128(magnitude)
    }

    /// `value` × 10^`scale` when that is a whole number of at most 38 digits.
    package static func exactly(_ value: Double, scale: Int) -> Int128? {
        guard let product = Product(value, scale: scale), !product.hasFraction else { return nil }
        return scaled(value, scale: scale)
    }

    /// The whole numbers around `value` × 10^`scale`, equal when it is one; nil when it is no
    /// number or has more than 38 digits.
    static func neighbours(_ value: Double, scale: Int) -> (floor: Int128, ceiling: Int128)? {
        guard let product = Product(value, scale: scale), let magnitude = product.truncated,
            magnitude < UInt128(Int128.powerOfTen(38))
        else { return nil }
        let step: Int128 = product.hasFraction ? 1 : 0
        let whole = Int128(magnitude)
        return value < 0 ? (-whole - step, -whole) : (whole, whole + step)
    }

    /// The exact value of a float, if 38 digits hold it.
    static func exactNumber(_ value: Double) -> ExactNumber? {
        for scale in 0...38 {
            if let unscaled = exactly(value, scale: scale) {
                return ExactNumber(unscaled: unscaled, scale: scale)
            }
        }
        return nil
    }

    /// The nearest integer, ties to even; nil when it is no number or beyond 38 digits.
    package static func integer(_ value: Double) -> Int128? {
        let rounded = value.rounded(.toNearestOrEven)
        guard rounded.isFinite, rounded.magnitude < 1e38 else { return nil }
        return Int128(rounded)
    }

    /// The magnitude of a float times a power of ten, as a whole number (at most 180 bits) times
    /// a power of two.
    private struct Product {
        let high: UInt128
        let low: UInt128
        let exponent: Int

        init?(_ value: Double, scale: Int) {
            // Anything smaller than 2^128 fits; who needs 38 digits checks the result.
            guard value.isFinite, value.magnitude < 0x1p128 else { return nil }
            let significand =
                UInt128(value.significandBitPattern)
                | (value.exponentBitPattern == 0 ? 0 : UInt128(1) << 52)
            exponent = max(Int(value.exponentBitPattern), 1) - 1_075
            (high, low) = significand.multipliedFullWidth(by: UInt128(Int128.powerOfTen(scale)))
        }

        /// Half up; nil when it does not fit 128 bits.
        var rounded: UInt128? {
            guard let truncated else { return nil }
            let half = exponent < 0 ? bit(-exponent - 1) : 0
            let (sum, overflowed) = truncated.addingReportingOverflow(half)
            return overflowed ? nil : sum
        }

        /// Without its fraction; nil when it does not fit 128 bits.
        var truncated: UInt128? {
            if exponent >= 0 {
                guard high == 0, exponent <= low.leadingZeroBitCount else { return nil }
                return low << UInt128(exponent)
            }
            let distance = -exponent
            if distance > 255 { return 0 }
            if distance >= 128 { return high >> UInt128(distance - 128) }
            guard high >> UInt128(distance) == 0 else { return nil }
            return (low >> UInt128(distance)) | (high << UInt128(128 - distance))
        }

        /// Whether bits are set behind the binary point.
        var hasFraction: Bool {
            guard exponent < 0, high != 0 || low != 0 else { return false }
            let zeroCount = low != 0 ? low.trailingZeroBitCount : 128 + high.trailingZeroBitCount
            return zeroCount < -exponent
        }

        private func bit(_ index: Int) -> UInt128 {
            if index > 255 { return 0 }
            return (index >= 128 ? high >> UInt128(index - 128) : low >> UInt128(index)) & 1
        }
    }
}
