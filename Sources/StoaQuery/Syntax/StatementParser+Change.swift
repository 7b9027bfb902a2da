internal import StoaModel

/// Statements that change tables that are there.
extension StatementParser {
    mutating func alterTable() throws(QueryError) -> Statement.Kind {
        try expect(.alter)
        try expect(.table)
        let name = try qualifiedName()
        switch token.keyword {
        case .rename:
            advance()
            if isAt(.to), token(ahead: 1).keyword != .to {
                advance()
                return .renameTable(name, to: try identifier("a table name"))
            }
            return .changeColumn(name, try renameColumn())
        case .add:
            advance()
            _ = take(.column)
            let ifNotExists = try takeIfNotExists()
            return .changeColumn(name, .add(try columnDefinition(), ifNotExists: ifNotExists))
        case .drop:
            advance()
            if isAt(.damaged), token(ahead: 1).keyword == .rows {
                advance()
                advance()
                return .dropDamagedRows(name)
            }
            _ = take(.column)
            let ifExists = takeIfExists()
            return .changeColumn(
                name, .drop(try identifier("a column name"), ifExists: ifExists))
        case .alter, .set:
            throw notSupported(
                "ALTER TABLE … \(describe(token)) is",
                hint: "There are ADD COLUMN, DROP COLUMN, RENAME COLUMN, RENAME TO and "
                    + "DROP DAMAGED ROWS.")
        default: throw unexpected("ADD, DROP or RENAME", among: [.add, .drop, .rename])
        }
    }

    private mutating func renameColumn() throws(QueryError) -> ColumnChangeSyntax {
        _ = take(.column)
        let name = try identifier("a column name")
        try expect(.to)
        return .rename(name, to: try identifier("a column name"))
    }

    mutating func truncateTable() throws(QueryError) -> Statement.Kind {
        try expect(.truncate)
        _ = take(.table)
        return .truncate(try qualifiedName())
    }

    mutating func takeIfNotExists() throws(QueryError) -> Bool {
        guard isAt(.if), token(ahead: 1).keyword == .not else { return false }
        advance()
        advance()
        try expect(.exists)
        return true
    }

    mutating func takeIfExists() -> Bool {
        guard isAt(.if), token(ahead: 1).keyword == .exists else { return false }
        advance()
        advance()
        return true
    }
}
