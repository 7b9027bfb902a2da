internal import StoaModel

/// Expressions, by climbing precedence.
extension StatementParser {
    /// How strongly operators bind, from loose to tight.
    enum Precedence: Int, Comparable {
        case or = 1
        case and, not, isNull, comparison, range, sum, product, sign

        /// The next tighter level: what the right side of a left-associative operator takes.
        var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .sign }

        static func < (left: Precedence, right: Precedence) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// An expression whose nodes stand together in the tree.
    mutating func wholeExpression() throws(QueryError) -> ExpressionSyntax {
        let firstNode = tree.nodes.count
        let start = index
        let root = try expression(.or)
        return ExpressionSyntax(nodes: firstNode..<root + 1, position: position(from: start))
    }

    /// An expression of operators that bind at least as strongly as `minimum`.
    mutating func expression(_ minimum: Precedence) throws(QueryError) -> SyntaxTree.ID {
        let start = index
        var left = try prefix()
        while let found = operatorPrecedence(), found >= minimum {
            switch found {
            case .or, .and: left = try logicalChain(left, found, start: start)
            case .isNull: left = try nullTest(left, start: start)
            case .comparison: left = try comparison(left, start: start)
            case .range: left = try rangeTest(left, start: start)
            case .sum, .product: left = try arithmetic(left, found, start: start)
            case .not, .sign: return left
            }
        }
        return left
    }

    /// The level of the operator at the cursor; nil when there is none.
    private func operatorPrecedence() -> Precedence? {
        switch token.kind {
        case .symbol(.equal), .symbol(.notEqual), .symbol(.less), .symbol(.lessOrEqual),
            .symbol(.greater), .symbol(.greaterOrEqual):
            return .comparison
        case .symbol(.plus), .symbol(.minus), .symbol(.concatenation): return .sum
        case .symbol(.star), .symbol(.slash), .symbol(.doubleSlash), .symbol(.percent):
            return .product
        default: break
        }
        switch token.keyword {
        case .or: return .or
        case .and: return .and
        case .is, .isnull, .notnull: return .isNull
        case .between, .in, .like, .ilike, .similar: return .range
        case .not:
            switch token(ahead: 1).keyword {
            case .between, .in, .like, .ilike, .similar: return .range
            default: return nil
            }
        default: return nil
        }
    }

    /// `a AND b AND c` as one node, however long.
    private mutating func logicalChain(
        _ first: SyntaxTree.ID, _ precedence: Precedence, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        let keyword: Keyword = precedence == .or ? .or : .and
        var operands = [first]
        while take(keyword) { operands.append(try expression(precedence.tighter)) }
        return try add(precedence == .or ? .or(operands) : .and(operands), operands, start: start)
    }

    private mutating func nullTest(
        _ operand: SyntaxTree.ID, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        if isAt(.isnull) || isAt(.notnull) {
            let isNegated = isAt(.notnull)
            advance()
            return try add(.isNull(operand, isNegated: isNegated), [operand], start: start)
        }
        advance()
        let isNegated = take(.not)
        guard take(.null) else {
            if isAt(.true) || isAt(.false) {
                // `x IS TRUE` is `x IS NOT DISTINCT FROM TRUE`.
                let valueStart = index
                let value = isAt(.true)
                advance()
                let constant = try add(.boolean(value), start: valueStart)
                return try add(
                    .isDistinct(operand, constant, isNegated: !isNegated), [operand, constant],
                    start: start)
            }
            if take(.distinct) {
                try expect(.from)
                let other = try expression(Precedence.isNull.tighter)
                return try add(
                    .isDistinct(operand, other, isNegated: isNegated), [operand, other],
                    start: start)
            }
            throw unexpected(
                "NULL, TRUE, FALSE or DISTINCT FROM", among: [.null, .true, .false, .distinct])
        }
        return try add(.isNull(operand, isNegated: isNegated), [operand], start: start)
    }

    private mutating func comparison(
        _ left: SyntaxTree.ID, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        let comparison: ComparisonOperator =
            switch token.kind {
            case .symbol(.equal): .equal
            case .symbol(.notEqual): .notEqual
            case .symbol(.less): .less
            case .symbol(.lessOrEqual): .lessOrEqual
            case .symbol(.greater): .greater
            default: .greaterOrEqual
            }
        advance()
        let right = try expression(Precedence.comparison.tighter)
        if operatorPrecedence() == .comparison {
            throw QueryError(
                .syntaxError, "Comparisons cannot be chained.", position: token.range,
                hint: "Write a < b AND b < c.")
        }
        return try add(.compare(comparison, left, right), [left, right], start: start)
    }

    /// BETWEEN, IN and LIKE, each with NOT or without.
    private mutating func rangeTest(
        _ operand: SyntaxTree.ID, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        let isNegated = take(.not)
        switch token.keyword {
        case .between:
            advance()
            let low = try expression(Precedence.range.tighter)
            try expect(.and)
            let high = try expression(Precedence.range.tighter)
            return try add(
                .between(operand, low, high, isNegated: isNegated), [operand, low, high],
                start: start)
        case .in:
            advance()
            let list = try constantList()
            return try add(
                .inList(operand, list, isNegated: isNegated), [operand] + list, start: start)
        case .like, .ilike:
            let ignoresCase = isAt(.ilike)
            advance()
            let pattern = try expression(Precedence.range.tighter)
            let escape = take(.escape) ? try expression(Precedence.range.tighter) : nil
            return try add(
                .like(
                    operand, pattern: pattern, escape: escape, ignoresCase: ignoresCase,
                    isNegated: isNegated),
                [operand, pattern] + (escape.map { [$0] } ?? []), start: start)
        default:
            throw notSupported("\(describe(token)) is", hint: "LIKE and ILIKE are.")
        }
    }

    private mutating func constantList() throws(QueryError) -> [SyntaxTree.ID] {
        let open = token.range
        try expect(.openParenthesis)
        if isAt(.select) || isAt(.with) { throw subquery }
        try enter(at: open)
        var list: [SyntaxTree.ID] = []
        repeat { list.append(try expression(.or)) } while take(.comma)
        try expect(.closeParenthesis)
        nesting -= 1
        return list
    }

    private mutating func arithmetic(
        _ left: SyntaxTree.ID, _ precedence: Precedence, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        let arithmetic: ArithmeticOperator
        switch token.kind {
        case .symbol(.plus): arithmetic = .add
        case .symbol(.minus): arithmetic = .subtract
        case .symbol(.star): arithmetic = .multiply
        case .symbol(.slash): arithmetic = .divide
        case .symbol(.doubleSlash): arithmetic = .integerDivide
        case .symbol(.percent): arithmetic = .modulo
        default:
            advance()
            let right = try expression(precedence.tighter)
            return try add(.concatenate(left, right), [left, right], start: start)
        }
        advance()
        let right = try expression(precedence.tighter)
        return try add(.arithmetic(arithmetic, left, right), [left, right], start: start)
    }

    // MARK: Nodes

    /// Adds a node over `children`, from the token at `start` to the cursor.
    mutating func add(
        _ kind: SyntaxTree.Kind, _ children: [SyntaxTree.ID] = [], start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        let position = position(from: start)
        var depth = 1
        for child in children { depth = max(depth, tree[child].depth + 1) }
        guard depth <= QueryLimits.depthLimit else {
            throw QueryError(
                .queryTooDeep,
                "The expression has more than \(QueryLimits.depthLimit) levels.",
                position: position,
                hint: "Every operator of a chain of + is a level; parentheses can split it.")
        }
        nodeCount += 1
        guard nodeCount <= QueryLimits.nodeCountLimit else {
            throw QueryError(
                .queryTooLarge,
                "The statement has more than \(QueryLimits.nodeCountLimit) names, constants and "
                    + "operators.", position: position)
        }
        tree.nodes.append(SyntaxTree.Node(kind: kind, position: position, depth: depth))
        return tree.nodes.count - 1
    }

    /// Counts one more level of nesting; whoever entered takes it back with `nesting -= 1`.
    mutating func enter(at position: Range<Int>) throws(QueryError) {
        nesting += 1
        guard nesting <= QueryLimits.nestingLimit else {
            throw QueryError(
                .queryTooDeep,
                "The statement nests more than \(QueryLimits.nestingLimit) levels.",
                position: position)
        }
    }
}
