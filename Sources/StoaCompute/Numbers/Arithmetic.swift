internal import StoaModel

/// What `+ - * // %` do to two numbers. Division to FLOAT64 is apart: it has its own result type.
package enum NumberOperator: UInt8, CaseIterable, Sendable {
    case add, subtract, multiply, integerDivide, modulo
}

/// The rows whose errors count: selected, and not null on either side.
package struct RowScope {
    package var rowCount: Int
    package var selection: UnsafePointer<UInt64>
    package var validity: UnsafePointer<UInt64>?

    package init(
        rowCount: Int, selection: UnsafePointer<UInt64>, validity: UnsafePointer<UInt64>?
    ) {
        self.rowCount = rowCount
        self.selection = selection
        self.validity = validity
    }

    /// Whether an error in this row is an error of the query.
    @inline(__always)
    package func counts(_ row: Int) -> Bool {
        guard MaskWords.isSet(selection, row) else { return false }
        guard let validity else { return true }
        return MaskWords.isSet(validity, row)
    }
}

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

/// Arithmetic on batches of 128-bit numbers: decimals of up to 38 digits.
package enum WideArithmetic {
    package typealias Input = UnsafePointer<Int128>
    package typealias Output = UnsafeMutablePointer<Int128>

    /// How the operands are brought to one scale, and what bounds the result.
    package struct Shape: Sendable {
        /// Powers of ten that multiply the operands first.
        package var leftShift: Int
        package var rightShift: Int
        /// The largest magnitude of the result's type.
        package var limit: Int128

        package init(leftShift: Int, rightShift: Int, limit: Int128) {
            self.leftShift = leftShift
            self.rightShift = rightShift
            self.limit = limit
        }
    }

    /// Any operator, with an error where a row that counts passes the result's type.
    package static func apply(
        _ operation: NumberOperator, _ operands: (left: Input, right: Input), shape: Shape,
        scope: RowScope, into out: Output
    ) throws(ComputeError) {
        let leftFactor = Int128.powerOfTen(shape.leftShift)
        let rightFactor = Int128.powerOfTen(shape.rightShift)
        for row in 0..<scope.rowCount {
            let left = operands.left[row].multipliedReportingOverflow(by: leftFactor)
            let right = operands.right[row].multipliedReportingOverflow(by: rightFactor)
            let (value, failure) = combine(
                operation, left.partialValue, right.partialValue, limit: shape.limit)
            out[row] = value
            if left.overflow || right.overflow || failure != nil, scope.counts(row) {
                if operation == .integerDivide || operation == .modulo {
                    out[row] = try exact(
                        operation, operands.left[row], operands.right[row], shape: shape)
                } else {
                    throw failure ?? .numericOverflow
                }
            }
        }
    }

    @inline(__always)
    private static func combine(
        _ operation: NumberOperator, _ left: Int128, _ right: Int128, limit: Int128
    ) -> (Int128, ComputeError?) {
        let result: (partialValue: Int128, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .integerDivide, .modulo:
            if right == 0 { return (0, .divisionByZero) }
            if right == -1 {
                result = operation == .modulo
                    ? (0, false) : Int128(0).subtractingReportingOverflow(left)
            } else {
                result = (operation == .modulo ? left % right : left / right, false)
            }
        }
        let isOutside = result.overflow || result.partialValue > limit
            || result.partialValue < -limit
        return (result.partialValue, isOutside ? .numericOverflow : nil)
    }

    /// Division whose shifted operands pass 128 bits: digit by digit, as on paper.
    private static func exact(
        _ operation: NumberOperator, _ left: Int128, _ right: Int128, shape: Shape
    ) throws(ComputeError) -> Int128 {
        if right == 0 { throw .divisionByZero }
        let magnitude: UInt128
        let isNegative: Bool
        if shape.leftShift > 0 {
            // left × 10^shift ÷ right, ten at a time; the remainder stays below |right|.
            var quotient = left.magnitude / right.magnitude
            var rest = left.magnitude % right.magnitude
            var isTooLarge = false
            for _ in 0..<shape.leftShift {
                let digit = rest.multipliedFullWidth(by: 10)
                let step = right.magnitude.dividingFullWidth(digit)
                rest = step.remainder
                let grown = quotient.multipliedReportingOverflow(by: 10)
                let next = grown.partialValue.addingReportingOverflow(step.quotient)
                isTooLarge = isTooLarge || grown.overflow || next.overflow
                quotient = next.partialValue
            }
            if operation == .integerDivide, isTooLarge { throw .numericOverflow }
            magnitude = operation == .modulo ? rest : quotient
            isNegative = operation == .modulo ? left < 0 : (left < 0) != (right < 0)
        } else {
            // The divisor alone passes 128 bits, so it is above the dividend.
            magnitude = operation == .modulo ? left.magnitude : 0
            isNegative = left < 0
        }
        guard magnitude <= shape.limit.magnitude else { throw .numericOverflow }
        return isNegative ? -Int128(magnitude) : Int128(magnitude)
    }

    /// `-x`; decimals are symmetric, so nothing can go wrong.
    package static func negate(_ values: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = 0 &- values[row] }
    }

    /// An error where a row that counts is outside `range`.
    package static func check(
        _ values: Input, in range: ClosedRange<Int128>, scope: RowScope
    ) throws(ComputeError) {
        for row in 0..<scope.rowCount where !range.contains(values[row]) && scope.counts(row) {
            throw .numericOverflow
        }
    }
}

/// Arithmetic on batches of doubles: IEEE 754, no errors.
package enum FloatArithmetic {
    package typealias Input = UnsafePointer<Double>
    package typealias Output = UnsafeMutablePointer<Double>

    /// Sums, row by row.
    package static func add(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] + right[row] }
    }

    /// Differences, row by row.
    package static func subtract(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] - right[row] }
    }

    /// Products, row by row.
    package static func multiply(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] * right[row] }
    }

    /// Quotients, row by row, by the rules of IEEE 754.
    package static func divide(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] / right[row] }
    }

    /// `//`: the quotient towards zero.
    package static func integerDivide(
        _ left: Input, _ right: Input, rowCount: Int, into out: Output
    ) {
        for row in 0..<rowCount { out[row] = (left[row] / right[row]).rounded(.towardZero) }
    }

    /// `%`: the remainder with the sign of the dividend (C's `fmod`).
    package static func modulo(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row].truncatingRemainder(dividingBy: right[row]) }
    }

    /// The values with the other sign.
    package static func negate(_ values: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = -values[row] }
    }
}
