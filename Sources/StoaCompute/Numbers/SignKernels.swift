internal import StoaModel

/// Functions of whole and scaled numbers that look at the sign.
package enum SignKernels {
    /// Magnitudes; the one that 64 bits do not hold is an error.
    package static func magnitudes(
        _ values: UnsafePointer<Int64>, scope: RowScope, into out: UnsafeMutablePointer<Int64>
    ) throws(ComputeError) {
        var lowest: Int64 = 0
        for row in 0..<scope.rowCount {
            let value = values[row]
            lowest = min(lowest, value)
            out[row] = value < 0 ? 0 &- value : value
        }
        guard lowest == .min else { return }
        for row in 0..<scope.rowCount where values[row] == .min && scope.counts(row) {
            throw .numericOverflow
        }
    }

    /// Magnitudes of 128-bit numbers; decimals never reach their end.
    package static func magnitudes(
        _ values: UnsafePointer<Int128>, rowCount: Int, into out: UnsafeMutablePointer<Int128>
    ) {
        for row in 0..<rowCount { out[row] = values[row] < 0 ? 0 &- values[row] : values[row] }
    }

    /// -1, 0 or 1.
    package static func signs<Number: Comparable & Numeric & BitwiseCopyable>(
        _ values: UnsafePointer<Number>, rowCount: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<rowCount {
            let value = values[row]
            out[row] = value < 0 ? -1 : value == 0 ? 0 : 1
        }
    }

    /// Scaled numbers divided by the power of ten of their scale, rounded down or up.
    package static func whole(
        _ values: UnsafePointer<Int128>, scale: Int, isUp: Bool, rowCount: Int,
        into out: UnsafeMutablePointer<Int128>
    ) {
        let divisor = Int128.powerOfTen(scale)
        for row in 0..<rowCount {
            let (quotient, rest) = values[row].quotientAndRemainder(dividingBy: divisor)
            let step: Int128 = isUp ? (rest > 0 ? 1 : 0) : (rest < 0 ? -1 : 0)
            out[row] = quotient &+ step
        }
    }

    /// As `whole`, of numbers that 64 bits hold; the scale is at most 18.
    package static func whole(
        _ values: UnsafePointer<Int64>, scale: Int, isUp: Bool, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        let divisor = Int64(truncatingIfNeeded: Int128.powerOfTen(scale))
        for row in 0..<rowCount {
            let quotient = values[row] / divisor
            let rest = values[row] &- quotient &* divisor
            let step: Int64 = isUp ? (rest > 0 ? 1 : 0) : (rest < 0 ? -1 : 0)
            out[row] = quotient &+ step
        }
    }
}
