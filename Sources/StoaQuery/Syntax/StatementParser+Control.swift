internal import StoaModel

/// Statements about other statements.
extension StatementParser {
    mutating func explain() throws(QueryError) -> Statement.Kind {
        try expect(.explain)
        let isAnalyze = take(.analyze)
        guard isAt(.select) else {
            if isAt(.with) { throw notSupported("WITH is") }
            if token.kind == .word, token.keyword != nil {
                throw notSupported("EXPLAIN of \(describe(token)) is", hint: "There is SELECT.")
            }
            throw unexpected("SELECT", among: [.select, .analyze])
        }
        return .explain(try select(), isAnalyze: isAnalyze)
    }

    /// `KILL [QUERY] 17`
    mutating func kill() throws(QueryError) -> Statement.Kind {
        try expect(.kill)
        _ = take(.query)
        let range = token.range
        guard token.kind == .number, let id = UInt64(String(decoding: text[range], as: UTF8.self))
        else {
            throw QueryError(
                .syntaxError, "KILL takes the number of a query.", position: range,
                hint: "system.queries shows the numbers.")
        }
        advance()
        return .kill(queryID: id)
    }

    /// `FLUSH`
    mutating func flush() throws(QueryError) -> Statement.Kind {
        try expect(.flush)
        return .flush
    }

    /// `SET [SESSION] name (= | TO) value`
    mutating func set() throws(QueryError) -> Statement.Kind {
        try expect(.set)
        try takeScope()
        if isAt(word: "transaction") || isAt(word: "characteristics") {
            try skipTransactionWords()
            return .listing(.nothing)
        }
        let name = try settingName()
        let start = index
        var value = try settingValue()
        while let first = value, take(.comma) {
            value = first + ", " + (try settingValue() ?? "")
        }
        return .set(SettingSyntax(name: name, value: value, position: position(from: start)))
    }

    /// What is set, with the cursor behind it at the value: `NAMES 'UTF8'` and `TIME ZONE 'UTC'`
    /// have no sign of equality.
    private mutating func settingName() throws(QueryError) -> Identifier {
        let position = token.range
        if isAt(word: "names"), token(ahead: 1).kind != .symbol(.equal) {
            advance()
            return Self.settingName("client_encoding", position)
        }
        if isAt(.time), Names.isEqual(folded(token(ahead: 1)), "zone") {
            advance()
            advance()
            return Self.settingName("timezone", position)
        }
        let name = try identifier("the name of a setting")
        guard take(.equal) || take(.to) else { throw unexpected("\"=\"") }
        return name
    }

    /// `RESET name` or `RESET ALL`
    mutating func reset() throws(QueryError) -> Statement.Kind {
        try expect(.reset)
        try takeScope()
        if take(.all) { return .set(SettingSyntax(name: nil, value: nil, position: 0..<0)) }
        let name = try identifier("the name of a setting")
        return .set(SettingSyntax(name: name, value: nil, position: name.position))
    }

    /// SESSION says what holds anyway; other scopes are refused, unless they are the setting.
    private mutating func takeScope() throws(QueryError) {
        guard token.kind == .word, token(ahead: 1).kind == .word else { return }
        switch Names.folded(String(decoding: text[token.range], as: UTF8.self)) {
        case "session": advance()
        case "global", "local", "persist":
            throw notSupported(
                "\(describe(token)) is",
                hint: "SET holds for the session; the daemon has settings of its own.")
        default: break
        }
    }

    /// A number, a string or a word as text; nil for DEFAULT.
    private mutating func settingValue() throws(QueryError) -> String? {
        if take(.default) { return nil }
        let isNegative = take(.minus)
        defer { advance() }
        switch token.kind {
        case .number, .floatNumber:
            return (isNegative ? "-" : "") + String(decoding: text[token.range], as: UTF8.self)
        case .string where !isNegative: return String(decoding: unquoted(token), as: UTF8.self)
        case .word where !isNegative:
            return String(decoding: text[token.range], as: UTF8.self)
        default: throw unexpected("a value", among: [.default])
        }
    }
}
