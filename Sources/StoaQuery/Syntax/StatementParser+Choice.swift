internal import StoaModel

/// CASE, INTERVAL and parameters.
extension StatementParser {
    /// `CASE [x] WHEN … THEN … [ELSE …] END`
    mutating func choice(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        try enter(at: token.range)
        advance()
        let subject = isAt(.when) ? nil : try expression(.or)
        var conditions: [SyntaxTree.ID] = []
        var results: [SyntaxTree.ID] = []
        guard isAt(.when) else { throw unexpected("WHEN", among: [.when]) }
        while take(.when) {
            let conditionStart = index
            var condition = try expression(.or)
            if let subject {
                condition = try add(
                    .compare(.equal, subject, condition), [subject, condition],
                    start: conditionStart)
            }
            conditions.append(condition)
            try expect(.then)
            results.append(try expression(.or))
        }
        let otherwise = take(.else) ? try expression(.or) : nil
        guard take(.end) else {
            throw unexpected("WHEN, ELSE or END", among: [.when, .else, .end])
        }
        nesting -= 1
        return try add(
            .choose(conditions: conditions, results: results, otherwise: otherwise),
            conditions + results + (otherwise.map { [$0] } ?? []), start: start)
    }

    /// `INTERVAL '1 day'`, `INTERVAL '15' MINUTE` or `INTERVAL 15 MINUTE`
    mutating func interval(_ start: Int) throws(QueryError) -> SyntaxTree.ID {
        advance()
        let range = token.range
        var content = token.kind == .string ? Array(unquoted(token)) : Array(text[range])
        let isNumber = token.kind == .number
        advance()
        if token.kind == .word, IntervalText.isUnit(text[token.range]) {
            content += [UInt8(ascii: " ")] + text[token.range]
            advance()
        } else if isNumber {
            throw unexpected("a unit such as DAY or MINUTE")
        }
        guard let interval = IntervalText.parse(content) else {
            throw QueryError(
                .invalidValue, "The text is no INTERVAL.", position: position(from: start),
                hint: "Write a number and a unit, such as '15 minutes' or '1 month 2 days'.")
        }
        return try add(.interval(interval), start: start)
    }

    /// The parameter at the cursor.
    mutating func parameter() throws(QueryError) -> ParameterName {
        let range = token.range
        advance()
        let name: ParameterName
        let word = String(decoding: text[range].dropFirst(), as: UTF8.self)
        if word.isEmpty {
            unnamedCount += 1
            name = .position(unnamedCount)
        } else if let number = Int(word) {
            name = .position(number)
        } else {
            name = .name(word)
        }
        guard name != .position(0) else {
            throw QueryError(
                .syntaxError, "Parameters count from 1.", position: range, hint: "Write $1.")
        }
        parameters.append(ParameterSyntax(name: name, position: range))
        return name
    }
}
