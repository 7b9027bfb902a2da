internal import StoaCodec
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// A WHERE taken apart: conditions of one column against constants, which blocks answer from
/// their encodings, and the others, which are evaluated row by row on what those leave.
struct FilterPlan: Sendable {
    /// What a column is asked.
    enum Test: Sendable {
        case column(ColumnTest)
        case string(StringCondition)
    }

    /// A condition that must hold, of one column.
    struct Conjunct: Sendable {
        /// Position among the scan's columns.
        var column: Int
        var test: Test
        /// The condition as it was written, for blocks that cannot answer.
        var expression: BoundExpression

        /// About what a row costs against other conjuncts.
        var cost: Double {
            switch test {
            case .column(.isNull), .column(.isNotNull): 1
            case .column: 4
            case .string: 8
            }
        }
    }

    private(set) var pushed: [Conjunct] = []
    /// What remains as one condition; nil when nothing does.
    private(set) var rest: BoundExpression?

    init(_ filter: BoundExpression?) {
        guard let filter else { return }
        var conditions = [filter]
        if case .and(let operands) = filter.node { conditions = operands }
        var others: [BoundExpression] = []
        for condition in conditions {
            if let (column, test) = Self.test(condition) {
                pushed.append(Conjunct(column: column, test: test, expression: condition))
            } else {
                others.append(condition)
            }
        }
        rest = others.first
        if others.count > 1 {
            rest = BoundExpression(
                node: .and(others), type: .bool, isNullable: filter.isNullable,
                position: filter.position)
        }
    }

    /// Whether every row passes.
    var isEmpty: Bool { pushed.isEmpty && rest == nil }

    // MARK: Conditions

    private static func test(_ condition: BoundExpression) -> (column: Int, test: Test)? {
        switch condition.node {
        case .column(let index): return (index, .column(.integers([1...1])))
        case .not(let operand):
            guard case .column(let index) = operand.node else { return nil }
            return (index, .column(.integers([0...0])))
        case .isNull(let operand, let isNegated):
            guard case .column(let index) = operand.node else { return nil }
            return (index, .column(isNegated ? .isNotNull : .isNull))
        case .compare(let operation, let left, let right):
            if let literal = right.literal { return compare(left, Relation(operation), literal) }
            guard let literal = left.literal else { return nil }
            return compare(right, Relation(operation).mirrored, literal)
        case .inList(let operand, let literals, let hasNull, let isNegated):
            // A row outside the list passes only if no NULL stands in it.
            guard !(hasNull && isNegated) else { return nil }
            return list(operand, literals, isNegated: isNegated)
        case .like(let operand, let pattern, let isNegated):
            guard case .column(let index) = operand.node else { return nil }
            return (index, .string(StringCondition(like: pattern, isNegated: isNegated)))
        default: return nil
        }
    }

    private static func compare(
        _ operand: BoundExpression, _ relation: Relation, _ literal: Literal
    ) -> (column: Int, test: Test)? {
        guard case .column(let index) = operand.node, literal != .null else { return nil }
        let type = operand.type
        if type == .string {
            guard case .string(let constant) = literal else { return nil }
            return (index, .string(StringCondition(relation, constant)))
        }
        guard type.isIntegerBacked || type.isFloat else { return nil }
        let range = ConstantRange.of(relation, literal, for: type)
        let ranges = range.map { [$0] } ?? []
        return (
            index,
            .column(
                numbers(relation == .notEqual ? ValueRanges.complement(ranges) : ranges, type))
        )
    }

    /// Ranges of an IN list up to which a block tests them one by one.
    private static let rangeCountLimit = 8

    private static func list(
        _ operand: BoundExpression, _ literals: [Literal], isNegated: Bool
    ) -> (column: Int, test: Test)? {
        guard case .column(let index) = operand.node else { return nil }
        let type = operand.type
        if type == .string {
            let values = literals.compactMap { literal -> [UInt8]? in
                if case .string(let bytes) = literal { bytes } else { nil }
            }
            return (index, .string(StringCondition(oneOf: values, isNegated: isNegated)))
        }
        guard type.isIntegerBacked || type.isFloat else { return nil }
        var values: [Int128] = []
        for literal in literals {
            if case .float(let value) = literal {
                values.append(Int128(OrderKey.key(value)))
            } else if let number = literal.exactNumber {
                values.append(number)
            }
        }
        var ranges = ValueRanges.joined(values)
        if isNegated { ranges = ValueRanges.complement(ranges) }
        guard ranges.count <= rangeCountLimit else { return nil }
        return (index, .column(numbers(ranges, type)))
    }

    private static func numbers(
        _ ranges: [ClosedRange<Int128>], _ type: ColumnType
    ) -> ColumnTest {
        guard type.isFloat else { return .integers(ranges) }
        let domain = Int128(Int64.min)...Int128(Int64.max)
        return .floats(
            ranges.filter { $0.overlaps(domain) }.map { range in
                let range = range.clamped(to: domain)
                return Int64(range.lowerBound)...Int64(range.upperBound)
            })
    }
}

/// Sets of numbers as sorted closed ranges that do not touch.
enum ValueRanges {
    /// Single values; neighbours become one range.
    static func joined(_ values: [Int128]) -> [ClosedRange<Int128>] {
        var ranges: [ClosedRange<Int128>] = []
        for value in Set(values).sorted() {
            if let last = ranges.last, value - 1 == last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound...value
            } else {
                ranges.append(value...value)
            }
        }
        return ranges
    }

    /// Everything else.
    static func complement(_ ranges: [ClosedRange<Int128>]) -> [ClosedRange<Int128>] {
        var result: [ClosedRange<Int128>] = []
        var next: Int128? = .min
        for range in ranges {
            if let first = next, first < range.lowerBound {
                result.append(first...range.lowerBound - 1)
            }
            next = range.upperBound == .max ? nil : range.upperBound + 1
        }
        if let first = next { result.append(first...(.max)) }
        return result
    }
}
