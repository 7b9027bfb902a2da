internal import StoaModel

/// Calls whose arguments the standard separates by words.
extension StatementParser {
    /// Whether the cursor is at that word, which is no keyword of this grammar.
    func isAt(word: String) -> Bool {
        token.kind == .word
            && Names.isEqual(String(decoding: text[token.range.prefix(32)], as: UTF8.self), word)
    }

    mutating func take(word: String) -> Bool {
        guard isAt(word: word) else { return false }
        advance()
        return true
    }

    /// `position(a IN s)`, `substring(s FROM n FOR m)`, `trim(BOTH c FROM s)`, with the cursor
    /// behind the parenthesis: the function that is meant and its arguments as far as they are
    /// read, the cursor at a comma or the closing parenthesis. Nil for any other function.
    mutating func wordedArguments(
        of function: Identifier
    ) throws(QueryError) -> (Identifier, [SyntaxTree.ID])? {
        if isAt(.closeParenthesis) || isAt(.star) { return nil }
        switch function.folded {
        case "position":
            let sought = try expression(Precedence.range.tighter)
            guard take(.in) else { return (function, [sought]) }
            return (function, [try expression(.or), sought])
        case "substring", "substr":
            let start = index
            var arguments = [try expression(.or)]
            let hasStart = take(.from)
            if hasStart { arguments.append(try expression(.or)) }
            guard take(word: "for") else { return (function, arguments) }
            if !hasStart {
                tree.nodes.append(
                    SyntaxTree.Node(
                        kind: .whole(1), position: position(from: start), depth: 1))
                arguments.append(tree.nodes.count - 1)
            }
            arguments.append(try expression(.or))
            return (function, arguments)
        case "trim": return try trimArguments(of: function)
        case "overlay":
            throw notSupported("OVERLAY is", hint: "Use left, right and ||.")
        default: return nil
        }
    }

    private mutating func trimArguments(
        of function: Identifier
    ) throws(QueryError) -> (Identifier, [SyntaxTree.ID]) {
        var name = function.text
        var hasSide = false
        for (word, meant) in [("both", "trim"), ("leading", "ltrim"), ("trailing", "rtrim")]
        where isAt(word: word) && !hasSide {
            switch token(ahead: 1).kind {
            case .symbol(.closeParenthesis), .symbol(.comma), .symbol(.point),
                .symbol(.concatenation):
                continue
            default:
                advance()
                (name, hasSide) = (meant, true)
            }
        }
        let meant = Identifier(text: name, isQuoted: false, position: function.position)
        if hasSide, take(.from) { return (meant, [try expression(.or)]) }
        let first = try expression(.or)
        guard take(.from) else { return (meant, [first]) }
        return (meant, [try expression(.or), first])
    }

    /// `TRY_CAST(x AS type)`
    mutating func tryCast(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        try enter(at: token.range)
        advance()
        advance()
        let operand = try expression(.or)
        try expect(.as)
        let type = try typeName()
        try expect(.closeParenthesis)
        nesting -= 1
        return try add(.tryCast(operand, type), [operand], start: start)
    }
}
