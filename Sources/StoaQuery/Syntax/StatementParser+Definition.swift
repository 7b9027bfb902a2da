internal import StoaModel

/// Statements that define tables or fill them.
extension StatementParser {
    mutating func createTable() throws(QueryError) -> Statement.Kind {
        try expect(.create)
        guard take(.table) else {
            let error = unexpected("TABLE", among: [.table])
            if token.kind == .word, error.hint == nil {
                throw notSupported("CREATE \(describe(token)) is", hint: "There is CREATE TABLE.")
            }
            throw error
        }
        let ifNotExists = try takeIfNotExists()
        let name = try qualifiedName()
        if isAt(.as) {
            throw notSupported(
                "CREATE TABLE … AS is", hint: "Make the table, then load it by stoa import.")
        }
        try expect(.openParenthesis)
        var columns: [CreateTableSyntax.Column] = []
        repeat {
            columns.append(try columnDefinition())
            guard isAt(.comma) || isAt(.closeParenthesis) else {
                throw unexpected("\",\" or \")\"", among: [.not, .null])
            }
        } while take(.comma)
        try expect(.closeParenthesis)
        var timeColumn: Identifier?
        if take(.time) {
            try expect(.openParenthesis)
            timeColumn = try identifier("a column name")
            try expect(.closeParenthesis)
        }
        return .createTable(
            CreateTableSyntax(
                name: name, columns: columns, timeColumn: timeColumn,
                sortColumns: try sortColumns(), ifNotExists: ifNotExists))
    }

    /// `ORDER BY (a, b)`, the parentheses optional around one name.
    private mutating func sortColumns() throws(QueryError) -> [Identifier] {
        guard take(.order) else { return [] }
        try expect(.by)
        guard take(.openParenthesis) else { return [try identifier("a column name")] }
        var names: [Identifier] = []
        repeat { names.append(try identifier("a column name")) } while take(.comma)
        try expect(.closeParenthesis)
        return names
    }

    /// A name, a type and perhaps `NOT NULL`.
    mutating func columnDefinition() throws(QueryError) -> CreateTableSyntax.Column {
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
            let error = unexpected("TABLE", among: [.table])
            if token.kind == .word, error.hint == nil {
                throw notSupported("DROP \(describe(token)) is", hint: "There is DROP TABLE.")
            }
            throw error
        }
        let ifExists = takeIfExists()
        return .dropTable(try qualifiedName(), ifExists: ifExists)
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
        if isAt(.select) {
            throw notSupported("INSERT … SELECT is", hint: "Rows come by VALUES and from clients.")
        }
        if isAt(.default) { throw notSupported("DEFAULT VALUES is") }
        try expect(.values)
        let rows = try rows()
        if isAt(.returning) || isAt(.on) { throw notSupported("\(describe(token)) is") }
        return .insert(InsertSyntax(table: table, columns: columns, rows: rows))
    }

    mutating func rows() throws(QueryError) -> [InsertSyntax.Row] {
        var rows: [InsertSyntax.Row] = []
        repeat { rows.append(try row()) } while take(.comma)
        return rows
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
