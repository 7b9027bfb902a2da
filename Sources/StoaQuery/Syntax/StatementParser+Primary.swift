internal import StoaModel

/// The operands of operators: constants, columns, calls, and what stands before or behind them.
extension StatementParser {
    /// Signs and NOT, then an operand with its `::` casts.
    mutating func prefix() throws(QueryError) -> SyntaxTree.ID {
        let start = index
        let range = token.range
        if take(.not) {
            try enter(at: range)
            let operand = try expression(.not)
            nesting -= 1
            return try add(.not(operand), [operand], start: start)
        }
        let isMinus = isAt(.minus)
        if isMinus || isAt(.plus) {
            advance()
            try enter(at: range)
            let operand = try expression(.sign)
            nesting -= 1
            return try add(isMinus ? .negate(operand) : .plus(operand), [operand], start: start)
        }
        var operand = try primary()
        while take(.doubleColon) {
            let type = try typeName()
            operand = try add(.cast(operand, type), [operand], start: start)
        }
        return operand
    }

    private mutating func primary() throws(QueryError) -> SyntaxTree.ID {
        let start = index
        switch token.kind {
        case .number, .floatNumber:
            let isFloat = token.kind == .floatNumber
            advance()
            return try add(isFloat ? .floatNumber : .number, start: start)
        case .string:
            let value = Array(unquoted(token))
            advance()
            return try add(.string(value), start: start)
        case .parameter:
            return try add(.parameter(try parameter()), start: start)
        case .symbol(.openParenthesis): return try parenthesised()
        case .quotedName: return try named(start)
        case .word: return try word(start)
        case .symbol(.star):
            throw QueryError(
                .syntaxError, "A * cannot stand here.", position: token.range,
                hint: "It stands alone in the select list, or in count(*).")
        default: throw unexpected("an expression")
        }
    }

    private mutating func parenthesised() throws(QueryError) -> SyntaxTree.ID {
        let range = token.range
        advance()
        if isAt(.select) || isAt(.with) { throw subquery }
        try enter(at: range)
        let inner = try expression(.or)
        if isAt(.comma) { throw notSupported("A row of several values is") }
        try expect(.closeParenthesis)
        nesting -= 1
        return inner
    }

    /// A constant or form that begins with a keyword, else a name.
    private mutating func word(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        let following = token(ahead: 1).kind
        switch token.keyword {
        case .null:
            advance()
            return try add(.null, start: start)
        case .true, .false:
            let value = isAt(.true)
            advance()
            return try add(.boolean(value), start: start)
        case .case: return try choice(start)
        case .select: throw subquery
        case .exists where following == .symbol(.openParenthesis):
            throw notSupported("EXISTS is", hint: "A query reads one table.")
        case .interval where following == .string || following == .number:
            return try interval(start)
        case .time where following == .string: throw notSupported("The type TIME is")
        case .date where following == .string: return try timeLiteral(.date, start: start)
        case .timestamp where following == .string:
            return try timeLiteral(.timestamp, start: start)
        case .cast where following == .symbol(.openParenthesis): return try cast(start)
        case .extract where following == .symbol(.openParenthesis): return try extract(start)
        default:
            if following == .symbol(.openParenthesis), isAt(word: "try_cast") {
                return try tryCast(start)
            }
            return try named(start)
        }
    }

    var subquery: QueryError {
        notSupported("A subquery is", hint: "Run the inner query first and send what it gives.")
    }

    /// `DATE '…'` and `TIMESTAMP '…'`
    private mutating func timeLiteral(
        _ type: ColumnType, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        advance()
        let textStart = index
        let value = Array(unquoted(token))
        advance()
        let text = try add(.string(value), start: textStart)
        return try add(.cast(text, type), [text], start: start)
    }

    private mutating func cast(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        try enter(at: token.range)
        advance()
        advance()
        let operand = try expression(.or)
        try expect(.as)
        let type = try typeName()
        try expect(.closeParenthesis)
        nesting -= 1
        return try add(.cast(operand, type), [operand], start: start)
    }

    /// `extract(field FROM x)`; the field may be quoted either way.
    private mutating func extract(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        try enter(at: token.range)
        advance()
        advance()
        let field: Identifier
        if token.kind == .string {
            field = Identifier(
                text: String(decoding: unquoted(token), as: UTF8.self), isQuoted: true,
                position: token.range)
            advance()
        } else {
            field = try anyIdentifier("a field such as year")
        }
        try expect(.from)
        let operand = try expression(.or)
        try expect(.closeParenthesis)
        nesting -= 1
        return try add(.extract(field, operand), [operand], start: start)
    }

    /// A column or a call.
    private mutating func named(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        var names = [try identifier("an expression")]
        if isAt(.openParenthesis) { return try call(names[0], start: start) }
        while isAt(.point), names.count < 3 {
            advance()
            names.append(try anyIdentifier("a column name"))
        }
        if isAt(.openParenthesis) { throw notSupported("A function in a schema is") }
        return try add(.column(names), start: start)
    }

    private mutating func call(
        _ function: Identifier, start: Int
    ) throws(QueryError) -> SyntaxTree.ID {
        try enter(at: token.range)
        advance()
        var function = function
        var arguments: [SyntaxTree.ID] = []
        var isStar = false
        if let worded = try wordedArguments(of: function) {
            (function, arguments) = worded
            guard take(.comma) || isAt(.closeParenthesis) else {
                throw unexpected("\",\" or \")\"")
            }
        }
        let isDistinct = take(.distinct)
        let hasAll = !isDistinct && takeQuantifierAll()
        if isAt(.star), token(ahead: 1).kind == .symbol(.closeParenthesis) {
            isStar = true
            advance()
        } else if !isAt(.closeParenthesis) {
            if isAt(.select) || isAt(.with) { throw subquery }
            repeat { arguments.append(try expression(.or)) } while take(.comma)
        }
        if isAt(.order) {
            throw notSupported(
                "ORDER BY in an aggregate is", hint: "first and last take what they go by.")
        }
        guard take(.closeParenthesis) else { throw unexpected("\",\" or \")\"") }
        nesting -= 1
        let filter = try aggregateFilter()
        if isAt(.over) { throw windowFunction }
        guard isDistinct || hasAll || filter != nil else {
            return try add(.call(function, arguments, isStar: isStar), arguments, start: start)
        }
        let kind = SyntaxTree.Kind.aggregateCall(
            function, arguments, isStar: isStar, isDistinct: isDistinct, filter: filter)
        return try add(kind, arguments + (filter.map { [$0] } ?? []), start: start)
    }

    /// Takes ALL where an operand follows it, so that it is no name.
    mutating func takeQuantifierAll() -> Bool {
        guard isAt(.all) else { return false }
        let following = token(ahead: 1)
        switch following.kind {
        case .number, .floatNumber, .string, .parameter, .quotedName, .symbol(.openParenthesis),
            .symbol(.minus), .symbol(.plus):
            break
        case .word:
            switch following.keyword {
            case .from, .as, .is, .isnull, .notnull, .and, .or, .between, .in, .like, .ilike,
                .similar, .order, .asc, .desc, .then, .when, .else, .end:
                return false
            default: break
            }
        default: return false
        }
        advance()
        return true
    }

    /// `FILTER (WHERE …)` behind an aggregate; nil when there is none.
    private mutating func aggregateFilter() throws(QueryError) -> SyntaxTree.ID? {
        guard isAt(.filter), token(ahead: 1).kind == .symbol(.openParenthesis) else { return nil }
        advance()
        try enter(at: token.range)
        advance()
        try expect(.where)
        let condition = try expression(.or)
        try expect(.closeParenthesis)
        nesting -= 1
        return condition
    }
}
