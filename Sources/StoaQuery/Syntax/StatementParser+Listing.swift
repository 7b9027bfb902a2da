internal import StoaBase
internal import StoaModel

/// SHOW, DESCRIBE, VALUES, and what begins and ends transactions elsewhere.
extension StatementParser {
    private static let lists = [
        "tables", "databases", "schemas", "functions", "columns", "create", "settings", "variables",
        "all",
    ]

    mutating func show() throws(QueryError) -> Statement.Kind {
        try expect(.show)
        guard token.kind == .word || token.kind == .quotedName else {
            throw unexpected("TABLES, ALL or the name of a setting")
        }
        let word = Names.folded(String(decoding: text[token.range], as: UTF8.self))
        switch word {
        case "tables":
            advance()
            return try showTables()
        case "all", "settings", "variables":
            advance()
            return .showSettings
        case "databases", "catalogs":
            advance()
            return .listing(.databases)
        case "schemas":
            advance()
            return .listing(.schemas)
        case "functions":
            advance()
            return .listing(.functions)
        case "columns", "fields":
            advance()
            guard take(.from) || take(.in) else { throw unexpected("FROM", among: [.from]) }
            return .describe(try qualifiedName())
        case "create":
            advance()
            try expect(.table)
            return .listing(.createTable(try qualifiedName()))
        default: return try showSetting(word)
        }
    }

    private mutating func showTables() throws(QueryError) -> Statement.Kind {
        if take(.from) || take(.in) {
            let schema = try identifier("a schema")
            guard schema.isWord("public") || schema.isWord("stoa") else {
                throw QueryError(
                    .unknownTable, "SHOW TABLES lists the schema \"public\".",
                    position: schema.position, hint: "system.tables and its like can be selected.")
            }
        }
        if isAt(.like) || isAt(.ilike) {
            throw notSupported(
                "SHOW TABLES LIKE is", hint: "SELECT name FROM system.tables WHERE name LIKE '…'")
        }
        return .showTables
    }

    private mutating func showSetting(_ word: String) throws(QueryError) -> Statement.Kind {
        let position = token.range
        if word == "time", token(ahead: 1).kind == .word {
            advance()
            advance()
            return .showSetting(Self.settingName("timezone", position))
        }
        if word == "transaction" {
            while token.kind == .word { advance() }
            return .showSetting(Self.settingName("transaction_isolation", position))
        }
        let near = Suggestion.nearest(to: word, among: Self.lists)
        guard near == nil, token.keyword == nil || token.keyword == .time else {
            throw QueryError(
                near == nil ? .notSupported : .syntaxError,
                near == nil
                    ? "SHOW \(describe(token)) is not supported."
                    : "Expected TABLES, ALL or the name of a setting, found \(describe(token)).",
                position: position,
                hint: near.map { "Did you mean \($0.uppercased())?" }
                    ?? "There are SHOW TABLES, COLUMNS FROM, CREATE TABLE, FUNCTIONS, SCHEMAS, "
                    + "DATABASES, ALL and SHOW with the name of a setting.")
        }
        return .showSetting(try identifier("the name of a setting"))
    }

    static func settingName(_ name: String, _ position: Range<Int>) -> Identifier {
        Identifier(text: name, isQuoted: false, position: position)
    }

    /// `DESCRIBE [TABLE] t`, or of a SELECT
    mutating func describe() throws(QueryError) -> Statement.Kind {
        advance()
        _ = take(.table)
        if isAt(.select) { return .listing(.query(try select())) }
        return .describe(try qualifiedName())
    }

    /// `VALUES (1, 'a'), (2, 'b')`
    mutating func values() throws(QueryError) -> Statement.Kind {
        try expect(.values)
        let rows = try rows()
        guard !isAt(.order), !isAt(.limit), !isAt(.offset) else {
            throw notSupported("\(describe(token)) behind VALUES is")
        }
        return .listing(.values(rows))
    }

    /// `BEGIN`, `START TRANSACTION`, `COMMIT`, `ROLLBACK` and their like do nothing: each statement
    /// is a transaction of its own.
    mutating func transaction() throws(QueryError) -> Statement.Kind {
        let isStart = isAt(word: "start")
        advance()
        if isStart, !isAt(word: "transaction") { throw unexpected("TRANSACTION") }
        if isAt(.to) || isAt(word: "prepared") { throw notSupported("A savepoint is") }
        try skipTransactionWords()
        return .listing(.nothing)
    }

    /// `TRANSACTION ISOLATION LEVEL …, READ ONLY` and their like.
    mutating func skipTransactionWords() throws(QueryError) {
        let known: Set<String> = [
            "transaction", "work", "isolation", "level", "read", "write", "only", "committed",
            "uncommitted", "repeatable", "serializable", "snapshot", "deferrable", "not",
            "immediate", "deferred", "exclusive", "and", "no", "chain", "characteristics", "as",
        ]
        while token.kind == .word || isAt(.comma) {
            let word = Names.folded(String(decoding: text[token.range], as: UTF8.self))
            guard isAt(.comma) || known.contains(word) else {
                throw unexpected("the end of the statement")
            }
            advance()
        }
    }
}
