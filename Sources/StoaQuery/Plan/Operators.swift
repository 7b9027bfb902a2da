/// A two-sided arithmetic operator. The result's type is the node's; the operands keep theirs.
///
/// Every overflow of an integer or decimal result is an error (`NUMERIC_OVERFLOW`), also beyond
/// the 38 digits of the widest decimal.
package enum ArithmeticOperator: UInt8, CaseIterable, Hashable, Sendable {
    /// `+`: INT64, DECIMAL at the greater scale, or FLOAT64.
    case add
    /// `-`: as `+`.
    case subtract
    /// `*`: INT64, DECIMAL at the sum of the scales, or FLOAT64.
    case multiply
    /// `/`: always FLOAT64; a zero divisor is an error when both sides are integers or decimals.
    case divide
    /// `//`: the quotient towards zero. INT64, DECIMAL at scale 0, or FLOAT64.
    case integerDivide
    /// `%`: the remainder of `//`, with the sign of the dividend. INT64, DECIMAL at the greater
    /// scale, or FLOAT64 (`fmod`).
    case modulo

    /// As SQL writes it.
    package var symbol: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .integerDivide: "//"
        case .modulo: "%"
        }
    }
}

/// A comparison; mathematically exact whatever the numeric types of its sides are.
package enum ComparisonOperator: UInt8, CaseIterable, Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    /// As SQL writes it.
    package var symbol: String {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }

    /// The operator that holds exactly when this one does not.
    package var negated: ComparisonOperator {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }

    /// The operator after its sides change places.
    package var mirrored: ComparisonOperator {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}
