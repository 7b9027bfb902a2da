internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Turns bound expressions into nodes. Equal expressions become one node, so that what several
/// aggregates share is computed once per batch.
final class ExpressionCompiler {
    let source: ColumnSource
    let scratch: Scratch
    private var nodes: [BoundExpression: ExpressionNode] = [:]
    /// Whether the expression being made has a cast of text or a CASE, which skip rows that do not
    /// count: its values are of one frame only, so that nothing with it is shared.
    var isFrameBound = false
    /// Whether an expression makes texts, which may be long.
    var makesText = false

    init(source: ColumnSource, scratch: Scratch) {
        self.source = source
        self.scratch = scratch
    }

    /// The frame's batch with fewer rows that count.
    func narrowed(_ frame: Frame, to selection: UnsafePointer<UInt64>) -> Frame {
        source.narrowed(frame, to: selection)
    }

    /// The node of an expression over the source's columns.
    func compile(_ expression: BoundExpression) throws(ServiceError) -> ExpressionNode {
        if let known = nodes[expression] { return known }
        let outer = isFrameBound
        isFrameBound = false
        let node = try make(expression)
        if !isFrameBound { nodes[expression] = node }
        isFrameBound = isFrameBound || outer
        return node
    }

    private func make(_ expression: BoundExpression) throws(ServiceError) -> ExpressionNode {
        let position = expression.position
        switch expression.node {
        case .column(let index):
            return try ColumnNode(
                index, type: expression.type, position: position, source: source,
                scratch: scratch)
        case .literal(let literal):
            return try LiteralNode(
                literal, type: expression.type, position: position, scratch: scratch)
        case .negate(let operand):
            return try NegateNode(compile(operand), of: expression, scratch: scratch)
        case .arithmetic(let operation, let left, let right):
            return try ArithmeticNode(
                operation, compile(left), compile(right), of: expression, scratch: scratch)
        case .compare(let operation, let left, let right):
            return try compare(Relation(operation), left, right, position)
        case .and(let operands): return try logic(isAnd: true, operands, position)
        case .or(let operands): return try logic(isAnd: false, operands, position)
        case .not(let operand):
            return try NotNode(compile(operand), position: position, scratch: scratch)
        case .isNull(let operand, let isNegated):
            return try IsNullNode(
                compile(operand), isNegated: isNegated, position: position, scratch: scratch)
        case .inList(let operand, let literals, let hasNull, let isNegated):
            var node = try inList(operand, literals, position)
            if hasNull { node = try FalseIsNullNode(node, position: position, scratch: scratch) }
            return isNegated
                ? try NotNode(node, position: position, scratch: scratch) : node
        case .like(let operand, let pattern, let isNegated):
            let node = try StringTestNode(
                compile(operand), .like(LikePattern(pattern)), position: position,
                scratch: scratch)
            return isNegated
                ? try NotNode(node, position: position, scratch: scratch) : node
        case .cast(let operand): return try cast(operand, expression)
        case .dateTrunc(let unit, let operand):
            guard let unit = CalendarUnit(rawValue: unit.rawValue) else { break }
            return try TimeNode(
                .truncate(unit), compile(operand), of: expression, scratch: scratch)
        case .extract(let field, let operand):
            guard let field = CalendarField(rawValue: field.rawValue) else { break }
            return try TimeNode(
                .extract(field), compile(operand), of: expression, scratch: scratch)
        case .choose, .call, .shift, .timeBucket, .dateDiff, .interval:
            if let node = try function(expression) { return node }
        }
        throw ServiceError(.notSupported, "The expression is not supported.", position: position)
    }

    private func logic(
        isAnd: Bool, _ operands: [BoundExpression], _ position: Range<Int>
    ) throws(ServiceError) -> ExpressionNode {
        var nodes: [ExpressionNode] = []
        for operand in operands { nodes.append(try compile(operand)) }
        return try LogicNode(
            isAnd: isAnd, nodes, position: position, source: source, scratch: scratch)
    }

    private func cast(
        _ operand: BoundExpression, _ expression: BoundExpression
    ) throws(ServiceError) -> ExpressionNode {
        let node = try compile(operand)
        if operand.type == expression.type { return node }
        if operand.type == .string || expression.type == .string {
            isFrameBound = true
            return try TextCastNode(
                node, to: expression.type, position: expression.position, scratch: scratch)
        }
        return try CastNode(
            node, to: expression.type, position: expression.position, scratch: scratch)
    }

    private func compare(
        _ relation: Relation, _ left: BoundExpression, _ right: BoundExpression,
        _ position: Range<Int>
    ) throws(ServiceError) -> ExpressionNode {
        if left.literal != nil, right.literal == nil {
            return try compare(relation.mirrored, right, left, position)
        }
        let leftNode = try compile(left)
        if let literal = right.literal, literal != .null {
            if case .string(let constant) = literal {
                return try StringTestNode(
                    leftNode, .compare(relation, constant), position: position, scratch: scratch)
            }
            let range = ConstantRange.of(relation, literal, for: left.type)
            return try RangeNode(
                leftNode, in: range, isNegated: relation == .notEqual, position: position,
                scratch: scratch)
        }
        let rightNode = try compile(right)
        if left.type == .string {
            return try StringCompareNode(
                relation, leftNode, rightNode, position: position, scratch: scratch)
        }
        return try NumberCompareNode(
            relation, leftNode, rightNode, position: position, scratch: scratch)
    }

    private func inList(
        _ operand: BoundExpression, _ literals: [Literal], _ position: Range<Int>
    ) throws(ServiceError) -> ExpressionNode {
        let node = try compile(operand)
        if operand.type == .string {
            let values = literals.compactMap { literal -> [UInt8]? in
                if case .string(let bytes) = literal { bytes } else { nil }
            }
            let sorted = Set(values).sorted { StringOrder.precedes($0, $1) }
            return try StringTestNode(
                node, .oneOf(sorted), position: position, scratch: scratch)
        }
        let values = literals.compactMap { literal -> Int128? in
            if case .float(let value) = literal { return Int128(OrderKey.key(value)) }
            return literal.exactNumber
        }
        return try InListNode(node, values, position: position, scratch: scratch)
    }
}

/// Which values of a type stand in a relation to a constant of any numeric type.
enum ConstantRange {
    /// The unscaled values of an exact type, or the order keys of a float type; nil: none. For
    /// `.notEqual` the range that is left out.
    static func of(
        _ relation: Relation, _ literal: Literal, for type: ColumnType
    ) -> ClosedRange<Int128>? {
        if type.isFloat { return keys(relation, literal) }
        if case .float(let value) = literal {
            return ExactCompare.range(relation, value, scale: Int(type.scale))
        }
        guard let number = literal.exactNumber else { return nil }
        var scale = 0
        if case .decimal(_, let literalScale) = literal { scale = Int(literalScale) }
        return ExactCompare.range(
            relation, number, constantScale: scale, scale: Int(type.scale))
    }

    private static func keys(_ relation: Relation, _ literal: Literal) -> ClosedRange<Int128>? {
        var nearest: Double
        var order = 0
        if case .float(let value) = literal {
            nearest = value
        } else {
            guard let number = literal.exactNumber else { return nil }
            var scale = 0
            if case .decimal(_, let literalScale) = literal { scale = Int(literalScale) }
            nearest = CastKernels.toFloat(number, scale: scale)
            // Where the constant lies, seen from the nearest double.
            order = ExactCompare.order(number, scale: scale, float: nearest)
        }
        let key = Int128(OrderKey.key(nearest))
        switch relation {
        case .equal, .notEqual: return order == 0 ? key...key : nil
        case .less: return .min...(order > 0 ? key : key - 1)
        case .lessOrEqual: return .min...(order < 0 ? key - 1 : key)
        case .greater: return (order < 0 ? key : key + 1)...(.max)
        case .greaterOrEqual: return (order > 0 ? key + 1 : key)...(.max)
        }
    }
}

extension StringOrder {
    /// Whether one constant comes before another, bytewise.
    static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.lexicographicallyPrecedes(right)
    }
}
