internal import StoaModel

/// Statements about other statements.
extension StatementParser {
    mutating func explain() throws(QueryError) -> Statement.Kind {
        try expect(.explain)
        let isAnalyze = take(.analyze)
        guard isAt(.select) else {
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
}
