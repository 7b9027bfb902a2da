internal import StoaModel

/// The types of results, from the types of operands alone.
///
/// Source: §3 of the design. In decimal arithmetic an integer counts as DECIMAL(3, 5, 10, 19 or
/// 20, 0), the digits of its type; an integer constant as the digits it has.
enum TypeRules {
    /// What `left` op `right` gives, both numeric; nil when the scale would pass 38.
    static func arithmetic(
        _ operation: ArithmeticOperator, _ left: ColumnType, _ right: ColumnType
    ) -> ColumnType? {
        if operation == .divide || left.isFloat || right.isFloat { return .float64 }
        if left.isInteger, right.isInteger {
            let isWide = left == .uint64 || right == .uint64
            return isWide ? .decimal(precision: 38, scale: 0) : .int64
        }
        return decimalArithmetic(operation, decimal(left), decimal(right))
    }

    private typealias Size = (digits: Int, scale: Int)

    private static func decimalArithmetic(
        _ operation: ArithmeticOperator, _ left: Size, _ right: Size
    ) -> ColumnType? {
        let scale = max(left.scale, right.scale)
        switch operation {
        case .add, .subtract:
            let whole = max(left.digits - left.scale, right.digits - right.scale)
            return type(digits: whole + scale + 1, scale: scale)
        case .multiply:
            let product = left.scale + right.scale
            guard product <= 38 else { return nil }
            return type(digits: left.digits + right.digits, scale: product)
        case .integerDivide:
            return type(digits: left.digits - left.scale + right.scale, scale: 0)
        case .modulo:
            let whole = min(left.digits - left.scale, right.digits - right.scale)
            return type(digits: whole + scale, scale: scale)
        case .divide: return .float64
        }
    }

    private static func type(digits: Int, scale: Int) -> ColumnType {
        .decimal(precision: UInt8(min(max(digits, scale, 1), 38)), scale: UInt8(scale))
    }

    /// Digits and scale of a number without a point of its own.
    private static func decimal(_ type: ColumnType) -> Size {
        switch type {
        case .decimal(let precision, let scale): (Int(precision), Int(scale))
        case .int8, .uint8: (3, 0)
        case .int16, .uint16: (5, 0)
        case .int32, .uint32: (10, 0)
        case .uint64: (20, 0)
        default: (19, 0)
        }
    }

    /// The type that holds the values of both; nil when there is none.
    static func common(_ left: ColumnType, _ right: ColumnType) -> ColumnType? {
        if left == right { return left }
        if left.isTime, right.isTime { return .timestamp }
        guard left.isNumeric, right.isNumeric else { return nil }
        if left.isFloat || right.isFloat { return .float64 }
        if left.isInteger, right.isInteger {
            if let low = left.integerRange, let high = right.integerRange {
                if low.contains(high.lowerBound), low.contains(high.upperBound) { return left }
                if high.contains(low.lowerBound), high.contains(low.upperBound) { return right }
            }
            let isWide = left == .uint64 || right == .uint64
            return isWide ? .decimal(precision: 38, scale: 0) : .int64
        }
        let (first, second) = (decimal(left), decimal(right))
        let scale = max(first.scale, second.scale)
        return type(
            digits: max(first.digits - first.scale, second.digits - second.scale) + scale,
            scale: scale)
    }

    /// What `-x` gives, `x` numeric.
    static func negation(_ type: ColumnType) -> ColumnType {
        if type == .uint64 { return .decimal(precision: 38, scale: 0) }
        return type.isInteger ? .int64 : type
    }

    /// What an aggregate of that argument gives; nil when there is no such aggregate.
    static func aggregate(
        _ function: AggregateCall.Function, _ argument: ColumnType
    ) -> ColumnType? {
        switch function {
        case .countAll, .count: .int64
        case .min, .max, .first, .last, .anyValue, .argMin, .argMax: argument
        case .varPop, .varSamp, .stddevPop, .stddevSamp: argument.isNumeric ? .float64 : nil
        case .sum:
            if argument.isFloat {
                .float64
            } else if argument.isNumeric {
                .decimal(precision: 38, scale: argument.scale)
            } else {
                nil
            }
        case .avg:
            if argument.isDecimal {
                average(digits: Int(argument.precision), scale: Int(argument.scale))
            } else if argument.isNumeric {
                .float64
            } else {
                nil
            }
        }
    }

    /// Six more digits after the point, as many of them as leave room before it.
    private static func average(digits: Int, scale: Int) -> ColumnType {
        let room = 38 - (digits - scale)
        return .decimal(precision: 38, scale: UInt8(min(scale + 6, room)))
    }
}
