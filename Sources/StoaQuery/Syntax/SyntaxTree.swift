internal import StoaModel

/// The expressions of a statement as one flat array: children stand before their parents, so
/// no walk, copy or release ever recurses, however deep the text was.
struct SyntaxTree: Sendable {
    /// A node's place in `nodes`.
    typealias ID = Int

    struct Node: Sendable {
        let kind: Kind
        /// Bytes of the statement.
        let position: Range<Int>
        /// Levels below and with this node.
        let depth: Int
    }

    enum Kind: Sendable {
        /// `name`, `table.name`, `public.table.name`: the last is the column.
        case column([Identifier])
        /// The text of a number without an exponent.
        case number
        case floatNumber
        /// A whole number that no text spells.
        case whole(Int)
        case string([UInt8])
        case boolean(Bool)
        case null
        case negate(ID)
        case plus(ID)
        case not(ID)
        case arithmetic(ArithmeticOperator, ID, ID)
        case compare(ComparisonOperator, ID, ID)
        case and([ID])
        case or([ID])
        case isNull(ID, isNegated: Bool)
        case between(ID, ID, ID, isNegated: Bool)
        case inList(ID, [ID], isNegated: Bool)
        case like(ID, pattern: ID, escape: ID?, ignoresCase: Bool, isNegated: Bool)
        /// `IS DISTINCT FROM`, negated `IS NOT DISTINCT FROM`.
        case isDistinct(ID, ID, isNegated: Bool)
        /// As many conditions as results; a simple CASE has comparisons for conditions.
        case choose(conditions: [ID], results: [ID], otherwise: ID?)
        /// `a || b`
        case concatenate(ID, ID)
        case interval(Interval)
        case parameter(ParameterName)
        case cast(ID, ColumnType)
        /// As a cast, NULL where that fails.
        case tryCast(ID, ColumnType)
        /// `isStar`: `count(*)`.
        case call(Identifier, [ID], isStar: Bool)
        /// A call with DISTINCT or FILTER, which only aggregates have.
        case aggregateCall(Identifier, [ID], isStar: Bool, isDistinct: Bool, filter: ID?)
        case extract(Identifier, ID)
    }

    var nodes: [Node] = []

    subscript(id: ID) -> Node { nodes[id] }
}

/// One whole expression: its nodes are neighbours in the tree, the last is the root.
struct ExpressionSyntax: Sendable {
    let nodes: Range<SyntaxTree.ID>
    /// Bytes of the statement.
    let position: Range<Int>

    var root: SyntaxTree.ID { nodes.upperBound - 1 }
}
