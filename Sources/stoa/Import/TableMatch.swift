internal import StoaBase
internal import StoaModel
internal import StoaText
internal import StoaWire

/// Finds the table's column for each of a file.
enum TableMatch {
    /// The plan that reads the file into the table: by name where the file has a header, else by
    /// position.
    ///
    /// - Throws: `Failure` naming the columns that the table does not have.
    static func plan(
        _ proposal: FileProposal, into schema: TableSchema, table: String
    ) throws -> ParsePlan {
        let columns =
            proposal.dialect.hasHeader
            ? try byName(proposal, schema, table) : try byPosition(proposal, schema, table)
        try checkNotNull(columns, schema, table)
        var plan = proposal.creatingPlan
        plan.columns = columns
        plan.stopsAtMismatch = false
        return plan
    }

    private static func byName(
        _ proposal: FileProposal, _ schema: TableSchema, _ table: String
    ) throws -> [ParseColumn] {
        try proposal.columns.map { column in
            let exact = schema.columns.first { $0.name == column.name }
            let found = exact ?? schema.columns.first { Names.isEqual($0.name, column.name) }
            guard let found else {
                let nearest = Suggestion.nearest(
                    to: column.name, among: schema.columns.map(\.name))
                throw Failure.local(
                    "the file's column \"\(column.name)\" is not in table \(table)",
                    hint: nearest.map { "did you mean \"\($0)\"?" }
                        ?? "The table has: \(schema.columns.map(\.name).joined(separator: ", ")).")
            }
            return ParseColumn(
                name: found.name, reading: column.reading.as(found.type),
                isNullable: found.isNullable, position: column.position)
        }
    }

    private static func byPosition(
        _ proposal: FileProposal, _ schema: TableSchema, _ table: String
    ) throws -> [ParseColumn] {
        guard proposal.columns.count == schema.columns.count else {
            throw Failure.local(
                """
                the file has no header and \(proposal.columns.count) columns; \
                table \(table) has \(schema.columns.count)
                """, hint: "If the first line names the columns, say --header.")
        }
        return zip(proposal.columns, schema.columns).map { column, found in
            ParseColumn(
                name: found.name, reading: column.reading.as(found.type),
                isNullable: found.isNullable, position: column.position)
        }
    }

    private static func checkNotNull(
        _ columns: [ParseColumn], _ schema: TableSchema, _ table: String
    ) throws {
        let given = Set(columns.map(\.name))
        let missing = schema.columns.filter { !$0.isNullable && !given.contains($0.name) }
        guard missing.isEmpty else {
            let names = missing.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw Failure.local("the file lacks columns that are NOT NULL in \(table): \(names)")
        }
        guard given.count == columns.count else {
            throw Failure.local("two columns of the file have the same name in table \(table)")
        }
    }
}
