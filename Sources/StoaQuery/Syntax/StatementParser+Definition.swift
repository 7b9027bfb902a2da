internal import StoaModel

/// Statements that define tables or fill them.
extension StatementParser {
    mutating func createTable() throws(QueryError) -> Statement.Kind {
        try expect(.create)
        guard take(.table) else {
            if token.kind == .word {
                throw notSupported("CREATE \(describe(token)) is", hint: "There is CREATE TABLE.")
            }
            throw unexpected("TABLE", among: [.table])
        }
        var ifNotExists = false
        if isAt(.if), token(ahead: 1).keyword == .not {
            advance()
            advance()
            try expect(.exists)
            ifNotExists = true
        }
        let name = try qualifiedName()
        if isAt(.as) { throw notSupported("CREATE TABLE … AS is") }
        try expect(.openParenthesis)
        var columns: [CreateTableSyntax.Column] = []
        repeat { columns.append(try columnDefinition()) } while take(.comma)
        try expect(.closeParenthesis)
        var timeColumn: Identifier?
        if take(.time) {
            try expect(.openParenthesis)
            timeColumn = try identifier("a column name")
            try expect(.closeParenthesis)
        }
        return .createTable(
            CreateTableSyntax(
                name: name, columns: columns, timeColumn: timeColumn, ifNotExists: ifNotExists))
    }

    private mutating func columnDefinition() throws(QueryError) -> CreateTableSyntax.Column {
        try refuseConstraint(isTable: true)
        let name = try identifier("a column name")
        let start = index
        let type = try typeName()
        let typePosition = position(from: start)
        var isNullable = true
        if take(.not) {
            try expect(.null)
            isNullable = false
        } else {
            _ = take(.null)
        }
        try refuseConstraint(isTable: false)
        guard isAt(.comma) || isAt(.closeParenthesis) else {
            throw unexpected("\",\" or \")\"", among: [.not, .null])
        }
        return CreateTableSyntax.Column(
            name: name, type: type, typePosition: typePosition, isNullable: isNullable)
    }

    /// Keys, checks and defaults; as the start of a list item only where it is no column's name.
    private func refuseConstraint(isTable: Bool) throws(QueryError) {
        let following = token(ahead: 1)
        switch token.keyword {
        case .primary, .foreign:
            if isTable, following.keyword != .key { return }
            throw notSupported("A \(describe(token)) KEY is")
        case .unique, .check, .constraint:
            if isTable, following.kind != .symbol(.openParenthesis), !isAt(.constraint) { return }
            throw notSupported("\(describe(token)) is")
        case .default, .references, .collate:
            if isTable { return }
            throw notSupported("\(describe(token)) is")
        default: return
        }
    }

    mutating func dropTable() throws(QueryError) -> Statement.Kind {
        try expect(.drop)
        guard take(.table) else {
            if token.kind == .word { throw notSupported("DROP \(describe(token)) is") }
            throw unexpected("TABLE", among: [.table])
        }
        var ifExists = false
        if isAt(.if), token(ahead: 1).keyword == .exists {
            advance()
            advance()
            ifExists = true
        }
        return .dropTable(try qualifiedName(), ifExists: ifExists)
    }

    mutating func alterTable() throws(QueryError) -> Statement.Kind {
        try expect(.alter)
        try expect(.table)
        let name = try qualifiedName()
        switch token.keyword {
        case .rename:
            advance()
            if isAt(.column) || !isAt(.to) { throw notSupported("Renaming a column is") }
            advance()
            return .renameTable(name, to: try identifier("a table name"))
        case .add, .drop, .alter, .set:
            throw notSupported(
                "ALTER TABLE … \(describe(token)) is", hint: "There is ALTER TABLE … RENAME TO.")
        default: throw unexpected("RENAME TO", among: [.rename])
        }
    }

    mutating func show() throws(QueryError) -> Statement.Kind {
        try expect(.show)
        guard take(.tables) else {
            let error = unexpected("TABLES", among: [.tables])
            guard token.kind == .word, error.hint == nil else { throw error }
            throw notSupported("SHOW \(describe(token)) is", hint: "There is SHOW TABLES.")
        }
        return .showTables
    }

    mutating func describeTable() throws(QueryError) -> Statement.Kind {
        advance()
        _ = take(.table)
        if isAt(.select) { throw notSupported("DESCRIBE of a query is") }
        return .describe(try qualifiedName())
    }

    mutating func insert() throws(QueryError) -> Statement.Kind {
        try expect(.insert)
        try expect(.into)
        let table = try qualifiedName()
        var columns: [Identifier]?
        if take(.openParenthesis) {
            var names: [Identifier] = []
            repeat { names.append(try identifier("a column name")) } while take(.comma)
            try expect(.closeParenthesis)
            columns = names
        }
        if isAt(.select) { throw notSupported("INSERT … SELECT is") }
        if isAt(.default) { throw notSupported("DEFAULT VALUES is") }
        try expect(.values)
        var rows: [InsertSyntax.Row] = []
        repeat { rows.append(try row()) } while take(.comma)
        if isAt(.returning) || isAt(.on) { throw notSupported("\(describe(token)) is") }
        return .insert(InsertSyntax(table: table, columns: columns, rows: rows))
    }

    private mutating func row() throws(QueryError) -> InsertSyntax.Row {
        let start = index
        try expect(.openParenthesis)
        var values: [ExpressionSyntax] = []
        repeat {
            if isAt(.default) { throw notSupported("DEFAULT is", hint: "Leave the column out.") }
            nodeCount = 0  // The text's own limit bounds the number of rows.
            values.append(try wholeExpression())
        } while take(.comma)
        try expect(.closeParenthesis)
        return InsertSyntax.Row(values: values, position: position(from: start))
    }
}
