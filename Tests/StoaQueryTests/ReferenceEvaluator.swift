import StoaModel
import StoaQuery

/// Evaluates conditions over one row the slow, obvious way; knows nothing of predicates.
struct ReferenceEvaluator {
    let row: [Literal]

    func value(_ expression: BoundExpression) -> Literal {
        switch expression.node {
        case .column(let index): return row[index]
        case .literal(let value): return value
        case .cast(let operand):
            guard case .date(let days) = value(operand), expression.type == .timestamp else {
                return .null
            }
            return .timestamp(Int64(days) * 86_400_000_000)
        case .compare(let comparison, let left, let right):
            return compare(comparison, value(left), value(right))
        case .and(let operands): return all(operands.map(value))
        case .or(let operands): return not(all(operands.map { not(value($0)) }))
        case .not(let operand): return not(value(operand))
        case .isNull(let operand, let isNegated):
            return .bool((value(operand) == .null) != isNegated)
        case .inList(let operand, let list, let hasNull, let isNegated):
            let found = not(
                all(
                    list.map { not(compare(.equal, value(operand), $0)) }
                        + (hasNull || value(operand) == .null ? [.null] : [])))
            return isNegated ? not(found) : found
        case .like(let operand, let pattern, let isNegated):
            guard case .string(let text) = value(operand) else { return .null }
            let matches = like(
                Array(String(decoding: text, as: UTF8.self).unicodeScalars)[...],
                Array(String(decoding: pattern, as: UTF8.self).unicodeScalars)[...])
            return .bool(matches != isNegated)
        case .negate, .arithmetic, .dateTrunc, .extract, .choose, .call, .shift, .timeBucket,
            .dateDiff, .interval:
            return .null
        }
    }

    private func all(_ values: [Literal]) -> Literal {
        if values.contains(.bool(false)) { return .bool(false) }
        return values.contains(.null) ? .null : .bool(true)
    }

    private func not(_ value: Literal) -> Literal {
        if case .bool(let isTrue) = value { .bool(!isTrue) } else { .null }
    }

    private func like(
        _ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "%" {
            return like(text, pattern.dropFirst())
                || (!text.isEmpty && like(text.dropFirst(), pattern))
        }
        guard let character = text.first, first == "_" || first == character else { return false }
        return like(text.dropFirst(), pattern.dropFirst())
    }

    private func compare(
        _ comparison: ComparisonOperator, _ left: Literal, _ right: Literal
    ) -> Literal {
        guard let order = order(left, right) else { return .null }
        switch comparison {
        case .equal: return .bool(order == 0)
        case .notEqual: return .bool(order != 0)
        case .less: return .bool(order < 0)
        case .lessOrEqual: return .bool(order <= 0)
        case .greater: return .bool(order > 0)
        case .greaterOrEqual: return .bool(order >= 0)
        }
    }

    /// Negative, zero or positive; nil when a side is NULL.
    private func order(_ left: Literal, _ right: Literal) -> Int? {
        func sign<T: Comparable>(_ left: T, _ right: T) -> Int {
            left < right ? -1 : left == right ? 0 : 1
        }
        switch (left, right) {
        case (.null, _), (_, .null): return nil
        case (.bool(let left), .bool(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
        case (.date(let left), .date(let right)): return sign(left, right)
        case (.timestamp(let left), .timestamp(let right)): return sign(left, right)
        case (.string(let left), .string(let right)):
            return left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
        case (.float(let left), .float(let right)):
            return FloatOrder.isEqual(left, right) ? 0 : FloatOrder.isLess(left, right) ? -1 : 1
        case (.float(let left), _): return order(left, exact(right))
        case (_, .float(let right)): return -order(right, exact(left))
        default:
            let (first, second) = (exact(left), exact(right))
            let scale = max(first.scale, second.scale)
            return sign(
                first.unscaled * .powerOfTen(scale - first.scale),
                second.unscaled * .powerOfTen(scale - second.scale))
        }
    }

    private func exact(_ literal: Literal) -> (unscaled: Int128, scale: Int) {
        switch literal {
        case .integer(let value): (value, 0)
        case .decimal(let unscaled, let scale): (unscaled, Int(scale))
        default: (0, 0)
        }
    }

    /// A float against an exact number of at most 20 digits before the point.
    private func order(_ value: Double, _ number: (unscaled: Int128, scale: Int)) -> Int {
        if value.isNaN || value >= 1e25 { return 1 }
        if value <= -1e25 { return -1 }
        // Both sides times 10^scale: the whole part as an integer, then the fraction.
        let unit = Int128.powerOfTen(number.scale)
        let whole = number.unscaled / unit
        let rest = number.unscaled % unit
        let integral = Int128(value.rounded(.towardZero))
        if integral != whole { return integral < whole ? -1 : 1 }
        // The fractions used in these tests have few binary digits or decide by their size.
        let fraction = (value - value.rounded(.towardZero)) * Double(unit)
        return fraction < Double(rest) ? -1 : fraction == Double(rest) ? 0 : 1
    }
}
