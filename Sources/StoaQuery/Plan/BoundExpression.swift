package import StoaModel

/// An expression whose names are resolved and whose types are decided.
///
/// Equality and hash are structural and ignore `position`: `GROUP BY a + b` finds the `a + b` of
/// the select list. The hash is made once from the children's, so comparing big trees is cheap.
package struct BoundExpression: Sendable {
    /// What an expression does with its parts.
    package indirect enum Node: Hashable, Sendable {
        /// A column of the input, by position.
        case column(Int)
        /// A constant of the expression's type; `.null` is a NULL of that type.
        case literal(Literal)
        case negate(BoundExpression)
        /// The operands keep their own numeric types; the result's is the expression's. Two
        /// TIMESTAMPs or two DATEs are subtracted to INT64, microseconds or days.
        case arithmetic(ArithmeticOperator, BoundExpression, BoundExpression)
        /// Both numeric (any two types), or both of one other type.
        case compare(ComparisonOperator, BoundExpression, BoundExpression)
        /// Two or more BOOL.
        case and([BoundExpression])
        /// Two or more BOOL.
        case or([BoundExpression])
        case not(BoundExpression)
        /// `IS NULL`, negated `IS NOT NULL`; never NULL itself.
        case isNull(BoundExpression, isNegated: Bool)
        /// Constants of the operand's type (numbers as `integer`, `decimal` at the operand's scale
        /// or `float`), distinct, maybe none: one that the type cannot hold never matches and is
        /// gone. `hasNull`: the list had a NULL, so no match is NULL instead of FALSE.
        case inList(BoundExpression, [Literal], hasNull: Bool, isNegated: Bool)
        /// `%` is any bytes, `_` one code point; there is no escape character.
        case like(BoundExpression, pattern: [UInt8], isNegated: Bool)
        /// To the expression's type.
        case cast(BoundExpression)
        case dateTrunc(TimeUnit, BoundExpression)
        case extract(TimeField, BoundExpression)
        /// CASE: the result of the first condition that is TRUE, else the last result, of which
        /// there is one more than there are conditions. Results have the expression's type. A
        /// result is evaluated only for the rows that take it.
        case choose(conditions: [BoundExpression], results: [BoundExpression])
        case call(ScalarFunction, [BoundExpression])
        /// A TIMESTAMP moved by an interval.
        case shift(BoundExpression, Interval)
        /// A TIMESTAMP, or a DATE by whole days or months, rounded down to a multiple of a width.
        case timeBucket(TimeBucket, BoundExpression)
        /// Boundaries of a unit between two TIMESTAMPs, INT64.
        case dateDiff(TimeUnit, BoundExpression, BoundExpression)
        /// An INTERVAL; only while a statement is being bound.
        case interval(Interval)
    }

    package let node: Node
    package let type: ColumnType
    package let isNullable: Bool
    /// Where its text is in the statement, in bytes.
    package let position: Range<Int>
    /// Nodes of the tree, this one included; shared parts count each time.
    package let nodeCount: Int
    /// Levels of the tree; at most `QueryLimits.depthLimit` in a bound statement.
    package let depth: Int
    private let structuralHash: Int

    package init(node: Node, type: ColumnType, isNullable: Bool, position: Range<Int>) {
        self.node = node
        self.type = type
        self.isNullable = isNullable
        self.position = position
        let parts = node.children
        var count = 1
        var depth = 0
        for part in parts {
            count &+= part.nodeCount  // The binder refuses a tree long before this wraps.
            depth = max(depth, part.depth)
        }
        nodeCount = count
        self.depth = depth + 1
        var hasher = Hasher()
        hasher.combine(node)
        hasher.combine(type)
        structuralHash = hasher.finalize()
    }

    /// The constant, if it is one.
    package var literal: Literal? {
        if case .literal(let value) = node { value } else { nil }
    }

    /// The positions of the input's columns it reads, each once, rising.
    package var columnIndexes: [Int] {
        var found: Set<Int> = []
        var pending = [self]
        while let next = pending.popLast() {
            if case .column(let index) = next.node { found.insert(index) }
            pending.append(contentsOf: next.node.children)
        }
        return found.sorted()
    }
}

extension BoundExpression: Hashable {
    /// Whether both are the same expression, wherever they stand in the text.
    package static func == (left: BoundExpression, right: BoundExpression) -> Bool {
        left.structuralHash == right.structuralHash && left.nodeCount == right.nodeCount
            && left.type == right.type && left.node == right.node
    }

    /// Feeds the hash that was made with the expression.
    package func hash(into hasher: inout Hasher) { hasher.combine(structuralHash) }
}

extension BoundExpression.Node {
    /// The operands, left to right.
    package var children: [BoundExpression] {
        switch self {
        case .column, .literal, .interval: []
        case .negate(let operand), .not(let operand), .isNull(let operand, _),
            .inList(let operand, _, _, _), .like(let operand, _, _), .cast(let operand),
            .dateTrunc(_, let operand), .extract(_, let operand), .shift(let operand, _),
            .timeBucket(_, let operand):
            [operand]
        case .arithmetic(_, let left, let right), .compare(_, let left, let right),
            .dateDiff(_, let left, let right):
            [left, right]
        case .and(let operands), .or(let operands), .call(_, let operands): operands
        case .choose(let conditions, let results): conditions + results
        }
    }
}
