internal import StoaModel

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
                result =
                    operation == .modulo
                    ? (0, false) : Int128(0).subtractingReportingOverflow(left)
            } else {
                result = (operation == .modulo ? left % right : left / right, false)
            }
        }
        let isOutside =
            result.overflow || result.partialValue > limit
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
