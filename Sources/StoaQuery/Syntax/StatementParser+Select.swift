internal import StoaModel

extension StatementParser {
    mutating func select() throws(QueryError) -> SelectSyntax {
        try expect(.select)
        var select = SelectSyntax()
        if isAt(.distinct) {
            select.distinct = token.range
            advance()
            if isAt(.on), token(ahead: 1).kind == .symbol(.openParenthesis) {
                throw notSupported("DISTINCT ON is", hint: "Use GROUP BY with first or any_value.")
            }
        }
        if isAt(.all), token(ahead: 1).kind == .symbol(.star) { advance() }
        _ = takeQuantifierAll()
        repeat { select.items.append(try selectItem()) } while take(.comma)
        if take(.from) { try from(&select) }
        if take(.where) { select.filter = try wholeExpression() }
        if take(.group) { select.grouping = try grouping() }
        if take(.having) { select.having = try wholeExpression() }
        if take(.order) {
            try expect(.by)
            if isAt(.all), endsOrderKey(token(ahead: 1)) {
                advance()
                let (isDescending, isNullsFirst) = try direction()
                select.orderAll = SelectSyntax.OrderAll(
                    isDescending: isDescending, isNullsFirst: isNullsFirst)
            } else {
                repeat { select.orders.append(try order()) } while take(.comma)
            }
        }
        try cut(&select)
        return select
    }

    private mutating func selectItem() throws(QueryError) -> SelectSyntax.Item {
        let start = index
        if take(.star) { return .all(of: nil, position: position(from: start)) }
        if token(ahead: 1).kind == .symbol(.point), token(ahead: 2).kind == .symbol(.star) {
            let table = try identifier("a table name")
            advance()
            advance()
            return .all(of: table, position: position(from: start))
        }
        let expression = try wholeExpression()
        let label = self.label(start..<index)
        return .expression(expression, alias: try alias(), label: label)
    }

    /// `AS name`, or a bare name that ends nothing.
    private mutating func alias() throws(QueryError) -> Identifier? {
        if take(.as) { return try anyIdentifier("a name after AS") }
        if token.kind == .quotedName { return try identifier("a name") }
        guard token.kind == .word, !(token.keyword?.endsOperand ?? false) else { return nil }
        return try identifier("a name")
    }

    private mutating func from(_ select: inout SelectSyntax) throws(QueryError) {
        if isAt(.openParenthesis) { throw subquery }
        // A path, not a name in the wrong quotes.
        if token.kind == .string, text[token.range].contains(where: { $0 == 0x2E || $0 == 0x2F }) {
            throw notSupported("A file as a table is", hint: "stoa import loads files.")
        }
        select.table = try qualifiedName()
        if isAt(.openParenthesis) {
            throw notSupported("A table function is", hint: "A query reads one table.")
        }
        select.tableAlias = try alias()
        if isAt(.comma) { throw notSupported("A join is", hint: "A query reads one table.") }
        switch token.keyword {
        case .join, .inner, .left, .right, .full, .cross, .natural:
            throw notSupported("JOIN is", hint: "A query reads one table.")
        default: break
        }
    }

    /// `table` or `schema.table`.
    mutating func qualifiedName() throws(QueryError) -> QualifiedName {
        let first = try identifier("a table name")
        guard take(.point) else { return QualifiedName(schema: nil, name: first) }
        return QualifiedName(schema: first, name: try identifier("a table name"))
    }

    private mutating func grouping() throws(QueryError) -> SelectSyntax.Grouping {
        try expect(.by)
        if isAt(.all) {
            let position = token.range
            advance()
            return .all(position: position)
        }
        var keys: [ExpressionSyntax] = []
        repeat {
            try refuseGroupingSets()
            keys.append(try wholeExpression())
        } while take(.comma)
        if isAt(.with) {
            throw notSupported("WITH is", hint: "Send one query for each list of keys.")
        }
        return .keys(keys)
    }

    /// Whether ALL in front of the token is no name.
    private func endsOrderKey(_ token: Token) -> Bool {
        switch token.kind {
        case .end, .symbol(.semicolon): return true
        default: break
        }
        switch token.keyword {
        case .asc, .desc, .nulls, .limit, .offset: return true
        default: return false
        }
    }

    private mutating func order() throws(QueryError) -> SelectSyntax.Order {
        let key = try wholeExpression()
        let (isDescending, isNullsFirst) = try direction()
        return SelectSyntax.Order(
            key: key, isDescending: isDescending, isNullsFirst: isNullsFirst)
    }

    /// `[ASC | DESC] [NULLS FIRST | NULLS LAST]`
    private mutating func direction() throws(QueryError) -> (Bool, Bool) {
        let isDescending = take(.desc)
        if !isDescending { _ = take(.asc) }
        var isNullsFirst = false
        if take(.nulls) {
            isNullsFirst = take(.first)
            if !isNullsFirst, !take(.last) {
                throw unexpected("FIRST or LAST", among: [.first, .last])
            }
        }
        return (isDescending, isNullsFirst)
    }

    /// LIMIT and OFFSET, each at most once, in either order.
    private mutating func cut(_ select: inout SelectSyntax) throws(QueryError) {
        var hasOffset = false
        var hasLimit = false
        while true {
            if isAt(.limit), !hasLimit {
                advance()
                hasLimit = true
                if take(.all) || take(.null) { continue }
                select.limitParameter = try rowCountParameter("LIMIT")
                if select.limitParameter == nil { select.limit = try rowCount("LIMIT") }
            } else if isAt(.offset), !hasOffset {
                advance()
                hasOffset = true
                select.offsetParameter = try rowCountParameter("OFFSET")
                if select.offsetParameter == nil { select.offset = try rowCount("OFFSET") }
            } else {
                return
            }
        }
    }

    private mutating func rowCountParameter(
        _ clause: String
    ) throws(QueryError) -> SelectSyntax.RowCount? {
        guard token.kind == .parameter else { return nil }
        let position = token.range
        return SelectSyntax.RowCount(
            parameter: try parameter(), clause: clause, position: position)
    }

    private mutating func rowCount(_ clause: String) throws(QueryError) -> Int {
        let range = token.range
        guard token.kind == .number, let count = Int(String(decoding: text[range], as: UTF8.self))
        else {
            throw QueryError(
                .syntaxError, "\(clause) takes a whole number of rows, 0 or more.", position: range)
        }
        advance()
        return count
    }
}
