internal import StoaBase
internal import StoaModel

/// What is SQL elsewhere, or nearly SQL: named, with what does it here.
extension StatementParser {
    /// Statements that other systems have, with what to do instead.
    private static let otherStatements: [String: String] = [
        "with": "Write the inner query's conditions into one SELECT.",
        "update": "Rows are only added. INSERT new ones, or make the table anew.",
        "delete": "Rows are only added. TRUNCATE takes all rows of a table away.",
        "merge": "Rows are only added.", "replace": "Rows are only added.",
        "upsert": "Rows are only added.",
        "copy": "Files are loaded by stoa import, and written by stoa sql --csv.",
        "import": "Files are loaded by stoa import in a shell of the system.",
        "load": "Files are loaded by stoa import in a shell of the system.",
        "pragma": "SHOW ALL lists the settings, SET changes them.",
        "use": "There is one database, and its tables need no schema.",
        "attach": "There is one database.", "detach": "There is one database.",
        "savepoint": "Each statement is a transaction of its own.",
        "release": "Each statement is a transaction of its own.",
        "lock": "Each statement is a transaction of its own.",
        "vacuum": "Nothing has to be tidied up; FLUSH makes segments of rows in memory.",
        "checkpoint": "FLUSH makes segments of rows in memory.",
        "optimize": "Nothing has to be tidied up; FLUSH makes segments of rows in memory.",
        "analyze": "There are no statistics to renew. EXPLAIN ANALYZE runs a query.",
        "grant": "There are no users.", "revoke": "There are no users.",
        "prepare": "Send the statement with parameters.",
        "execute": "Send the statement with parameters.",
        "deallocate": "Send statements with parameters.",
        "call": "There are no procedures.", "do": "There are no procedures.",
        "declare": "There are no cursors; a result is sent as it is read.",
        "close": "There are no cursors; a result is sent as it is read.",
        "comment": "Names have no comments.",
        "pivot": "Write one aggregate with FILTER (WHERE …) for each column.",
        "unpivot": "Select the columns one by one.",
        "from": "Begin with SELECT * FROM.",
        "summarize": "SELECT count(*), min(x), max(x), avg(x) says as much of a column.",
        "install": "There are no extensions.", "listen": "Nothing is notified.",
        "notify": "Nothing is notified.", "undrop": "A dropped table is gone.",
    ]

    /// The error of a text that begins with none of the statements there are.
    func noStatement() -> QueryError {
        if token.kind == .word {
            let word = String(decoding: text[token.range.prefix(64)], as: UTF8.self)
            if let hint = Self.otherStatements[Names.folded(word)] {
                let name = word.uppercased()
                return notSupported(
                    name == "WITH" ? "WITH is" : "The statement \(name) is", hint: hint)
            }
        }
        return unexpected(
            "a statement",
            among: [
                .select, .explain, .create, .drop, .alter, .truncate, .show, .describe, .insert,
                .kill, .set, .reset, .flush, .values, .begin, .commit, .rollback,
            ])
    }

    /// What is wrong with the token behind a whole statement.
    func trailing() -> QueryError {
        switch token.keyword {
        case .union, .intersect, .except:
            return notSupported(
                "\(describe(token)) is", hint: "Send the queries one by one.")
        case .join, .inner, .left, .right, .full, .cross, .natural:
            return notSupported("JOIN is", hint: "A query reads one table.")
        case .over: return windowFunction
        case .window, .fetch, .collate, .escape, .filter, .returning:
            return notSupported(
                "\(describe(token)) is", hint: isAt(.fetch) ? "Write LIMIT." : nil)
        default: break
        }
        if let hint = Self.otherClauses[folded(token)] {
            return notSupported("\(folded(token).uppercased()) is", hint: hint)
        }
        return misspelledBefore
            ?? unexpected(
                "the end of the statement",
                among: [
                    .from, .where, .group, .having, .order, .limit, .offset, .and, .or, .between,
                    .like, .ilike, .in, .is, .asc, .desc, .nulls, .as,
                ])
    }

    private static let otherClauses: [String: String] = [
        "qualify": "There are no window functions.",
        "sample": "Filter by a column that is spread evenly.",
        "tablesample": "Filter by a column that is spread evenly.",
        "regexp": "LIKE and ILIKE are.", "rlike": "LIKE and ILIKE are.",
        "glob": "LIKE and ILIKE are.", "settings": "Send SET before it.",
        "prewhere": "Write WHERE; it skips blocks.", "final": "Rows are as they were added.",
    ]

    var windowFunction: QueryError {
        notSupported(
            "A window function is", hint: "Aggregates with GROUP BY, first, last, arg_min are.")
    }

    func folded(_ token: Token) -> String {
        guard token.kind == .word else { return "" }
        return Names.folded(String(decoding: text[token.range.prefix(64)], as: UTF8.self))
    }

    /// `FORM` in `SELECT a FORM t`: read as a name, though a clause was meant; nil when what stands
    /// in front of the cursor is near no clause.
    private var misspelledBefore: QueryError? {
        guard index > 0, tokens[index - 1].kind == .word, tokens[index - 1].keyword == nil else {
            return nil
        }
        let before = tokens[index - 1]
        let clauses: [Keyword] = [.from, .where, .group, .having, .order, .limit, .offset]
        let near = Suggestion.nearest(to: folded(before), among: clauses.map(\.rawValue))
        guard let near else { return nil }
        return QueryError(
            .syntaxError,
            "\(describe(before)) is read as a name here, and \(describe(token)) cannot follow it.",
            position: before.range, hint: "Did you mean \(near.uppercased())?")
    }

    /// GROUPING SETS, ROLLUP and CUBE at the cursor.
    func refuseGroupingSets() throws(QueryError) {
        let word = folded(token)
        let isCall = token(ahead: 1).kind == .symbol(.openParenthesis)
        let isSets = word == "grouping" && folded(token(ahead: 1)) == "sets"
        guard isSets || (isCall && (word == "rollup" || word == "cube")) else { return }
        throw notSupported(
            isSets ? "GROUPING SETS is" : "\(word.uppercased()) is",
            hint: "Send one query for each list of keys.")
    }
}
