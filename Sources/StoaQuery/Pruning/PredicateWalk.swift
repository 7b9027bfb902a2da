internal import StoaModel

/// Walks a condition and keeps what it says about single columns. Recurses at most
/// `QueryLimits.depthLimit` deep.
struct PredicateWalk {
    /// What is known of columns, by position; a column that is missing may be anything.
    typealias Knowledge = [Int: ColumnDomain]

    let columns: [ColumnDefinition]

    /// What holds in rows where `condition` is TRUE, or FALSE when `isNegated`.
    func knowledge(_ condition: BoundExpression, isNegated: Bool) -> Knowledge {
        switch condition.node {
        case .and(let operands):
            let parts = operands.lazy.map { self.knowledge($0, isNegated: isNegated) }
            return isNegated ? any(parts) : all(parts)
        case .or(let operands):
            let parts = operands.lazy.map { self.knowledge($0, isNegated: isNegated) }
            return isNegated ? all(parts) : any(parts)
        case .not(let operand): return knowledge(operand, isNegated: !isNegated)
        case .column(let index):
            guard columns[index].type == .bool else { return [:] }
            let value: Int128 = isNegated ? 0 : 1
            return [index: .range(.integers(min: value, max: value))]
        case .isNull(let operand, let isNot):
            guard case .column(let index) = operand.node else { return [:] }
            return [index: isNot == isNegated ? .onlyNull : .notNull]
        case .compare(let comparison, let left, let right):
            let wanted = isNegated ? comparison.negated : comparison
            return compared(left, wanted, right)
        case .inList(let operand, let list, _, let isNot):
            guard case .column(let index) = operand.node else { return [:] }
            if isNot != isNegated { return [index: .notNull] }
            return [index: hull(of: list, index)]
        case .like(let operand, let pattern, let isNot):
            guard case .column(let index) = operand.node else { return [:] }
            return [index: isNot != isNegated ? .notNull : .range(Self.prefixRange(pattern))]
        case .literal, .negate, .arithmetic, .cast, .dateTrunc, .extract, .choose, .call, .shift,
            .timeBucket, .dateDiff, .interval:
            return [:]
        }
    }

    // MARK: Parts

    private func all(_ parts: some Sequence<Knowledge>) -> Knowledge {
        var result: Knowledge = [:]
        for part in parts { result.merge(part) { $0.intersection($1) } }
        return result
    }

    /// A column is known after OR only if every side says something of it.
    private func any(_ parts: some Sequence<Knowledge>) -> Knowledge {
        var result: Knowledge?
        for part in parts {
            guard let known = result else {
                result = part
                continue
            }
            var common: Knowledge = [:]
            for (index, domain) in known {
                if let other = part[index] { common[index] = domain.hull(other) }
            }
            result = common
            if common.isEmpty { break }
        }
        return result ?? [:]
    }

    // MARK: Comparisons

    private func compared(
        _ left: BoundExpression, _ comparison: ComparisonOperator, _ right: BoundExpression
    ) -> Knowledge {
        if let value = right.literal { return compared(left, comparison, value) }
        if let value = left.literal { return compared(right, comparison.mirrored, value) }
        return [:]
    }

    private func compared(
        _ operand: BoundExpression, _ comparison: ComparisonOperator, _ value: Literal
    ) -> Knowledge {
        switch operand.node {
        case .column(let index): return [index: domain(index, comparison, value)]
        case .cast(let inner):
            // Midnight of a date.
            guard case .column(let index) = inner.node, inner.type == .date,
                operand.type == .timestamp
            else { return [:] }
            return [index: domain(index, comparison, value)]
        case .dateTrunc(let unit, let inner):
            guard case .column(let index) = inner.node, case .timestamp(let moment) = value,
                inner.type == .timestamp
            else { return [:] }
            let bounds = ConstantBounds(floor: Int128(moment), ceiling: Int128(moment))
            return [index: .range(bounds.range(comparison, slack: unit.longestMicroseconds))]
        case .extract(.year, let inner):
            guard case .column(let index) = inner.node, case .integer(let year) = value,
                let days = CivilTime.days(
                    CivilTime.Day(year: Int(clamping: year), month: 1, day: 1))
            else { return [:] }
            let unit: Int128 = inner.type == .date ? 1 : Int128(CivilTime.microsecondsPerDay)
            let start = Int128(days) * unit
            let bounds = ConstantBounds(floor: start, ceiling: start)
            // Before the year is before its first moment; within it is up to a leap year later.
            let slack = comparison == .less ? 1 : 366 * unit
            return [index: .range(bounds.range(comparison, slack: slack))]
        case .timeBucket(let bucket, let inner):
            guard case .column(let index) = inner.node, case .timestamp(let moment) = value,
                inner.type == .timestamp
            else { return [:] }
            let bounds = ConstantBounds(floor: Int128(moment), ceiling: Int128(moment))
            return [index: .range(bounds.range(comparison, slack: bucket.longestMicroseconds))]
        case .shift(let inner, let interval):
            guard case .column(let index) = inner.node, case .timestamp(let moment) = value,
                inner.type == .timestamp, interval.months == 0
            else { return [:] }
            let start = Int128(moment) - Int128(interval.microseconds)
            let bounds = ConstantBounds(floor: start, ceiling: start)
            return [index: .range(bounds.range(comparison))]
        default: return [:]
        }
    }

    private func domain(
        _ index: Int, _ comparison: ComparisonOperator, _ value: Literal
    ) -> ColumnDomain {
        let type = columns[index].type
        if case .null = value { return .notNull }
        if comparison == .notEqual { return .notNull }
        if case .string(let text) = value, type == .string {
            switch comparison {
            case .equal, .notEqual: return .range(.strings(min: text, max: text))
            case .less, .lessOrEqual: return .range(.strings(min: nil, max: text))
            case .greater, .greaterOrEqual: return .range(.strings(min: text, max: nil))
            }
        }
        if type.isFloat, let ends = FloatBounds(value) {
            return .range(ends.range(comparison))
        }
        if type.isIntegerBacked, let bounds = ConstantBounds(value, type: type) {
            return .range(bounds.range(comparison))
        }
        return .notNull
    }

    private func hull(of list: [Literal], _ index: Int) -> ColumnDomain {
        var hull = ColumnDomain.range(.none)
        for value in list { hull = hull.hull(domain(index, .equal, value)) }
        return hull
    }

    /// The strings that begin like the pattern does before its first wildcard.
    private static func prefixRange(_ pattern: [UInt8]) -> ColumnDomain.Values {
        let wildcards: [UInt8] = [UInt8(ascii: "%"), UInt8(ascii: "_")]
        guard let end = pattern.firstIndex(where: wildcards.contains) else {
            return .strings(min: pattern, max: pattern)
        }
        let prefix = Array(pattern[..<end])
        // The first string behind all those: UTF-8 has no byte 0xFF, so there is one.
        guard let last = prefix.last else { return .all }
        return .strings(min: prefix, max: prefix.dropLast() + [last + 1])
    }
}

extension TimeUnit {
    /// The length of the longest such unit.
    var longestMicroseconds: Int128 {
        let day = Int128(CivilTime.microsecondsPerDay)
        return switch self {
        case .microsecond: 1
        case .millisecond: 1_000
        case .second: 1_000_000
        case .minute: 60_000_000
        case .hour: 3_600_000_000
        case .day: day
        case .week: 7 * day
        case .month: 31 * day
        case .quarter: 92 * day
        case .year: 366 * day
        }
    }
}
