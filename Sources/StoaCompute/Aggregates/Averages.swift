internal import StoaModel

/// The averages of exact sums.
package enum Averages {
    /// The decimal average at `scaleShift` digits more than the sum, half away from zero; nil
    /// when it passes 38 digits.
    package static func decimal(sum: Int128, count: UInt64, scaleShift: Int) -> Int128? {
        let product = sum.magnitude.multipliedFullWidth(
            by: UInt128(Int128.powerOfTen(scaleShift)))
        let divisor = UInt128(count)
        guard product.high < divisor else { return nil }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        let rounded =
            remainder * 2 >= divisor
            ? quotient.addingReportingOverflow(1).partialValue : quotient
        guard rounded < UInt128(Int128.powerOfTen(38)) else { return nil }
        return sum < 0 ? -Int128(rounded) : Int128(rounded)
    }

    /// The double nearest to `sum / count`.
    package static func float(sum: Int128, count: UInt64) -> Double {
        BinaryRatio.nearest(sum, over: UInt128(count))
    }
}
