internal import StoaModel

extension StatementParser {
    mutating func select() throws(QueryError) -> SelectSyntax {
        try expect(.select)
        var select = SelectSyntax()
        if isAt(.distinct) {
            throw notSupported("SELECT DISTINCT is", hint: "GROUP BY ALL gives distinct rows.")
        }
        if isAt(.all), token(ahead: 1).kind != .symbol(.comma) { advance() }
        repeat { select.items.append(try selectItem()) } while take(.comma)
        if take(.from) { try from(&select) }
        if take(.where) { select.filter = try wholeExpression() }
        if take(.group) { select.grouping = try grouping() }
        if isAt(.having) {
            throw notSupported("HAVING is", hint: "Filter the groups in the client.")
        }
        if take(.order) {
            try expect(.by)
            repeat { select.orders.append(try order()) } while take(.comma)
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
        if isAt(.openParenthesis) { throw notSupported("A subquery is") }
        select.table = try qualifiedName()
        if isAt(.openParenthesis) { throw notSupported("A table function is") }
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
        repeat { keys.append(try wholeExpression()) } while take(.comma)
        return .keys(keys)
    }

    private mutating func order() throws(QueryError) -> SelectSyntax.Order {
        let key = try wholeExpression()
        let isDescending = take(.desc)
        if !isDescending { _ = take(.asc) }
        var isNullsFirst = false
        if take(.nulls) {
            isNullsFirst = take(.first)
            if !isNullsFirst, !take(.last) {
                throw unexpected("FIRST or LAST", among: [.first, .last])
            }
        }
        return SelectSyntax.Order(
            key: key, isDescending: isDescending, isNullsFirst: isNullsFirst)
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
                select.limit = try rowCount("LIMIT")
            } else if isAt(.offset), !hasOffset {
                advance()
                hasOffset = true
                select.offset = try rowCount("OFFSET")
            } else {
                return
            }
        }
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
