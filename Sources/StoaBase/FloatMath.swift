internal import Glibc

/// The functions of the C library that Swift's own does not have; IEEE results, errors are NaN
/// or infinite.
package enum FloatMath {
    /// `e` to the power of `value`.
    package static func exp(_ value: Double) -> Double { Glibc.exp(value) }
    /// The natural logarithm.
    package static func log(_ value: Double) -> Double { Glibc.log(value) }
    /// The logarithm to base 10.
    package static func log10(_ value: Double) -> Double { Glibc.log10(value) }
    /// The logarithm to base 2.
    package static func log2(_ value: Double) -> Double { Glibc.log2(value) }
    /// The third root.
    package static func cbrt(_ value: Double) -> Double { Glibc.cbrt(value) }
    /// `base` to the power of `exponent`.
    package static func pow(_ base: Double, _ exponent: Double) -> Double {
        Glibc.pow(base, exponent)
    }
}
