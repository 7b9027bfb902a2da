/// Arithmetic on batches of 64-bit integers (also unscaled decimals).
package enum IntegerArithmetic {
    package typealias Input = UnsafePointer<Int64>
    package typealias Output = UnsafeMutablePointer<Int64>

    /// `+ - *` modulo 2^64, for operands whose bounds prove that nothing is lost.
    package static func wrapping(
        _ operation: NumberOperator, _ left: Input, _ right: Input, rowCount: Int, into out: Output
    ) {
        switch operation {
        case .add: for row in 0..<rowCount { out[row] = left[row] &+ right[row] }
        case .subtract: for row in 0..<rowCount { out[row] = left[row] &- right[row] }
        default: for row in 0..<rowCount { out[row] = left[row] &* right[row] }
        }
    }

    /// `+ - *` with an error where a row that counts passes 64 bits.
    package static func checked(
        _ operation: NumberOperator, _ left: Input, _ right: Input, scope: RowScope,
        into out: Output
    ) throws(ComputeError) {
        var hasOverflow = false
        switch operation {
        case .add:
            for row in 0..<scope.rowCount {
                let (value, overflow) = left[row].addingReportingOverflow(right[row])
                out[row] = value
                hasOverflow = hasOverflow || overflow && scope.counts(row)
            }
        case .subtract:
            for row in 0..<scope.rowCount {
                let (value, overflow) = left[row].subtractingReportingOverflow(right[row])
                out[row] = value
                hasOverflow = hasOverflow || overflow && scope.counts(row)
            }
        default:
            for row in 0..<scope.rowCount {
                let (value, overflow) = left[row].multipliedReportingOverflow(by: right[row])
                out[row] = value
                hasOverflow = hasOverflow || overflow && scope.counts(row)
            }
        }
        if hasOverflow { throw .numericOverflow }
    }

    /// `//` and `%`, truncating, at one scale.
    package static func divide(
        _ operation: NumberOperator, _ left: Input, _ right: Input, scope: RowScope,
        into out: Output
    ) throws(ComputeError) {
        for row in 0..<scope.rowCount {
            let divisor = right[row]
            if divisor == 0 || divisor == -1 {
                if divisor == 0, scope.counts(row) { throw .divisionByZero }
                // Int64.min // -1 is the one quotient that does not fit.
                if operation == .integerDivide, divisor == -1, left[row] == .min,
                    scope.counts(row)
                {
                    throw .numericOverflow
                }
                out[row] = operation == .integerDivide && divisor == -1 ? 0 &- left[row] : 0
                continue
            }
            out[row] = operation == .integerDivide ? left[row] / divisor : left[row] % divisor
        }
    }

    /// `-x`, with an error for the smallest number.
    package static func negate(
        _ values: Input, scope: RowScope, into out: Output
    ) throws(ComputeError) {
        var hasOverflow = false
        for row in 0..<scope.rowCount {
            out[row] = 0 &- values[row]
            hasOverflow = hasOverflow || values[row] == .min && scope.counts(row)
        }
        if hasOverflow { throw .numericOverflow }
    }

    /// An error where a row that counts is outside `range`.
    package static func check(
        _ values: Input, in range: ClosedRange<Int64>, scope: RowScope
    ) throws(ComputeError) {
        let low = UInt64(bitPattern: range.lowerBound)
        let span = UInt64(bitPattern: range.upperBound) &- low
        for row in 0..<scope.rowCount
        where UInt64(bitPattern: values[row]) &- low > span && scope.counts(row) {
            throw .numericOverflow
        }
    }

    /// `/` of integers or decimals whose values were rounded to doubles before.
    package static func quotient(
        _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, scope: RowScope,
        into out: UnsafeMutablePointer<Double>
    ) throws(ComputeError) {
        for row in 0..<scope.rowCount {
            if right[row] == 0, scope.counts(row) { throw .divisionByZero }
            out[row] = left[row] / right[row]
        }
    }
}
