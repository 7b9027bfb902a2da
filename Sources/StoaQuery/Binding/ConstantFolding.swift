internal import StoaModel

/// Arithmetic of two constants, done at once so that `x > 10 * 100` can skip blocks. Whatever
/// would be an error stays in the plan and is one only where a row meets it.
enum ConstantFolding {
    /// The result as a literal of `type`; nil for floats, for overflow and for a zero divisor.
    static func arithmetic(
        _ operation: ArithmeticOperator, _ left: Literal, _ right: Literal, type: ColumnType
    ) -> Literal? {
        guard type.isInteger || type.isDecimal, let left = ExactNumber(left),
            let right = ExactNumber(right), let range = type.integerRange,
            let value = exact(operation, left, right), range.contains(value)
        else { return nil }
        return type.isDecimal ? .decimal(unscaled: value, scale: type.scale) : .integer(value)
    }

    /// The unscaled result at the scale that `TypeRules` gives.
    private static func exact(
        _ operation: ArithmeticOperator, _ left: ExactNumber, _ right: ExactNumber
    ) -> Int128? {
        if operation == .multiply {
            let (product, overflowed) = left.unscaled.multipliedReportingOverflow(
                by: right.unscaled)
            return overflowed ? nil : product
        }
        let scale = max(left.scale, right.scale)
        guard let first = left.exactly(atScale: scale), let second = right.exactly(atScale: scale)
        else { return nil }
        switch operation {
        case .add: return sum(first, second)
        case .subtract: return sum(first, -second)
        case .integerDivide: return second == 0 ? nil : first / second
        case .modulo: return second == 0 ? nil : first % second
        case .multiply, .divide: return nil
        }
    }

    /// Two numbers of 38 digits do not always fit 128 bits together.
    private static func sum(_ left: Int128, _ right: Int128) -> Int128? {
        let (sum, overflowed) = left.addingReportingOverflow(right)
        return overflowed ? nil : sum
    }
}
