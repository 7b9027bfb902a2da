internal import StoaBase
internal import StoaModel

/// The place in the tokens, and the steps every rule takes. The rules are in the extensions.
struct StatementParser {
    let text: [UInt8]
    let tokens: [Token]
    var index = 0
    var tree = SyntaxTree()
    /// Open parentheses, calls and prefix operators.
    var nesting = 0
    /// Nodes that count towards the limit; the constants of VALUES do not.
    var nodeCount = 0
    /// Parameters so far; `?` takes the place behind the `?` before it.
    var parameters: [ParameterSyntax] = []
    var unnamedCount = 0

    init(text: [UInt8], tokens: [Token]) {
        self.text = text
        self.tokens = tokens
    }

    // MARK: Looking

    /// The token at the cursor; the last one is `end` and stays.
    var token: Token { tokens[index] }

    /// The token `distance` further on.
    func token(ahead distance: Int) -> Token { tokens[min(index + distance, tokens.count - 1)] }

    /// Bytes from the token at `start` to the one before the cursor.
    func position(from start: Int) -> Range<Int> {
        let first = tokens[start].range
        guard index > start else { return first }
        return first.lowerBound..<tokens[index - 1].range.upperBound
    }

    func isAt(_ keyword: Keyword) -> Bool { token.keyword == keyword }

    func isAt(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }

    // MARK: Taking

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    mutating func take(_ keyword: Keyword) -> Bool {
        guard isAt(keyword) else { return false }
        advance()
        return true
    }

    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard isAt(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ keyword: Keyword) throws(QueryError) {
        guard take(keyword) else { throw unexpected(keyword.text, among: [keyword]) }
    }

    mutating func expect(_ symbol: Token.Symbol) throws(QueryError) {
        guard take(symbol) else { throw unexpected("\"\(symbol.rawValue)\"") }
    }

    /// A name, quoted or an unreserved word.
    mutating func identifier(_ what: String) throws(QueryError) -> Identifier {
        guard token.kind == .quotedName || (token.kind == .word && !isReserved(token)) else {
            var error = unexpected(what)
            if token.kind == .word {
                error.hint = "\(describe(token)) is a keyword; in double quotes it is a name."
            } else if token.kind == .string {
                error.hint = "Names are quoted with double quotes, not single ones."
            }
            throw error
        }
        return try takeIdentifier()
    }

    /// Any word or quoted name, reserved or not: what may follow AS.
    mutating func anyIdentifier(_ what: String) throws(QueryError) -> Identifier {
        guard token.kind == .quotedName || token.kind == .word else { throw unexpected(what) }
        return try takeIdentifier()
    }

    private mutating func takeIdentifier() throws(QueryError) -> Identifier {
        let taken = token
        advance()
        let isQuoted = taken.kind == .quotedName
        let text = String(
            decoding: isQuoted ? unquoted(taken) : self.text[taken.range], as: UTF8.self)
        // An ASCII word has no control characters to look for.
        let isPlain = !isQuoted && text.utf8.allSatisfy { $0 < 0x80 }
        guard isPlain ? text.utf8.count <= Limits.nameByteCountLimit : Names.isValid(text) else {
            throw QueryError(
                .badName, "This cannot be a name.", position: taken.range,
                hint: "Names have 1 to \(Limits.nameByteCountLimit) bytes and no control "
                    + "characters.")
        }
        return Identifier(text: text, isQuoted: isQuoted, position: taken.range)
    }

    private func isReserved(_ token: Token) -> Bool { token.keyword?.isReserved ?? false }

    /// The content of a string or quoted name, doubled quotes made single.
    func unquoted(_ token: Token) -> ArraySlice<UInt8> {
        let content = text[(token.range.lowerBound + 1)..<(token.range.upperBound - 1)]
        let quote = text[token.range.lowerBound]
        guard content.contains(quote) else { return content }
        var result: [UInt8] = []
        var isSecond = false
        for byte in content {
            isSecond = byte == quote && !isSecond
            if !isSecond { result.append(byte) }
        }
        return result[...]
    }

    // MARK: Refusing

    /// "expected …, found …" at the cursor, with the nearest of `keywords` if it was misspelled.
    func unexpected(_ expected: String, among keywords: [Keyword] = []) -> QueryError {
        var hint: String?
        if token.kind == .word, !keywords.isEmpty {
            let word = String(decoding: text[token.range], as: UTF8.self)
            let near = Suggestion.nearest(to: word, among: keywords.map(\.rawValue))
            if let near, near != Names.folded(word) { hint = "Did you mean \(near.uppercased())?" }
        }
        return QueryError(
            .syntaxError, "Expected \(expected), found \(describe(token)).",
            position: token.range, hint: hint)
    }

    /// `what` at the tokens from `start` to the cursor is SQL that Stoa does not have.
    func notSupported(
        _ what: String, at position: Range<Int>? = nil, hint: String? = nil
    ) -> QueryError {
        QueryError(
            .notSupported, "\(what) not supported.", position: position ?? token.range, hint: hint)
    }

    /// How messages name a token: words and symbols as they are, never a literal.
    func describe(_ token: Token) -> String {
        switch token.kind {
        case .word:
            guard let keyword = token.keyword else {
                let word = String(decoding: text[token.range.prefix(64)], as: UTF8.self)
                return "\"\(word)\""
            }
            return keyword.text
        case .quotedName: return "a quoted name"
        case .number, .floatNumber: return "a number"
        case .parameter: return "a parameter"
        case .string: return "a string"
        case .symbol(let symbol): return "\"\(symbol.rawValue)\""
        case .end: return "the end of the statement"
        }
    }

    // MARK: Statements

    mutating func statement() throws(QueryError) -> Statement {
        let kind = try statementKind()
        _ = take(.semicolon)
        guard token.kind == .end else {
            if index > 0, tokens[index - 1].kind == .symbol(.semicolon) {
                throw QueryError(
                    .syntaxError, "A request holds one statement, here a second begins.",
                    position: token.range, hint: "Send statements one by one.")
            }
            throw trailing()
        }
        return Statement(kind: kind, tree: tree, text: text, parameters: parameters)
    }

    private mutating func statementKind() throws(QueryError) -> Statement.Kind {
        switch token.keyword {
        case .select: return .select(try select())
        case .explain: return try explain()
        case .kill: return try kill()
        case .set: return try set()
        case .reset: return try reset()
        case .flush: return try flush()
        case .create: return try createTable()
        case .drop: return try dropTable()
        case .alter: return try alterTable()
        case .truncate: return try truncateTable()
        case .show: return try show()
        case .describe, .desc: return try describe()
        case .insert: return try insert()
        case .values: return try values()
        case .begin, .commit, .rollback, .end: return try transaction()
        default: break
        }
        if token.kind == .end || isAt(.semicolon) { return .listing(.nothing) }
        if isAt(word: "start") || isAt(word: "abort") { return try transaction() }
        throw noStatement()
    }
}
