/// The double nearest to a quotient of two integers.
package enum BinaryRatio {
    /// `numerator / denominator` rounded once, ties to even. The denominator is not 0.
    package static func nearest(_ numerator: Int128, over denominator: UInt128) -> Double {
        let magnitude = numerator.magnitude
        if magnitude < 1 << 53, denominator < 1 << 53 {
            let quotient = Double(UInt64(magnitude)) / Double(UInt64(denominator))
            return numerator < 0 ? -quotient : quotient
        }
        if magnitude == 0 { return 0 }
        // Shift the numerator so that the integer quotient has 64 or 65 bits: enough for 53 and
        // a rounding tail, with the remainder as the sticky bit.
        let shift = 64 - (denominator.leadingZeroBitCount - magnitude.leadingZeroBitCount)
        let (quotient, isExact) = divide(magnitude, shiftedBy: shift, by: denominator)
        var significant = quotient
        if !isExact { significant |= 1 }
        // At least two bits lie below the 53, so the sticky bit cannot disturb a tie.
        let rounded = Double(significant) * scale(-shift)
        return numerator < 0 ? -rounded : rounded
    }

    /// `magnitude × 2^shift ÷ denominator`; the shift may be negative.
    private static func divide(
        _ magnitude: UInt128, shiftedBy shift: Int, by denominator: UInt128
    ) -> (quotient: UInt128, isExact: Bool) {
        if shift <= 0 {
            // Dropping low bits of the numerator is sticky as well.
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: denominator)
            let kept = quotient >> UInt128(-shift)
            return (kept, remainder == 0 && kept << UInt128(-shift) == quotient)
        }
        let high =
            shift >= 128
            ? magnitude << UInt128(shift - 128) : magnitude >> UInt128(128 - shift)
        let low = shift >= 128 ? 0 : magnitude << UInt128(shift)
        let (quotient, remainder) = denominator.dividingFullWidth((high, low))
        return (quotient, remainder == 0)
    }

    private static func scale(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }
}
