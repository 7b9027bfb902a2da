internal import StoaModel

/// Writes names and tables as SQL.
package enum TableText {
    /// The name as SQL takes it: quoted unless it is a plain word in lower case.
    package static func identifier(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 95
        }
        let startsPlain = name.utf8.first.map { !(48...57).contains($0) } ?? false
        if isPlain, startsPlain, !reservedWords.contains(name) { return name }
        return quoted(name)
    }

    /// The name in double quotes, whatever it is.
    package static func quoted(_ name: String) -> String {
        var text = "\""
        for character in name.unicodeScalars {
            if character == "\"" { text.append("\"") }
            text.unicodeScalars.append(character)
        }
        return text + "\""
    }

    /// A `CREATE TABLE` statement, one line per column.
    package static func createTable(
        _ name: String, columns: [ParseColumn], timeColumn: String? = nil
    ) -> String {
        let lines = columns.map { column in
            "    \(identifier(column.name)) \(column.type)\(column.isNullable ? "" : " NOT NULL")"
        }
        let time = timeColumn.map { " TIME (\(identifier($0)))" } ?? ""
        return "CREATE TABLE \(identifier(name)) (\n\(lines.joined(separator: ",\n"))\n)\(time);"
    }

    /// Words that some statement could take for something else; quoting one too many is harmless.
    private static let reservedWords: Set<String> = [
        "all", "alter", "and", "any", "as", "asc", "between", "by", "case", "cast",
        "create", "desc", "describe", "distinct", "drop", "else", "end", "except", "exists",
        "false", "filter", "from", "full", "group", "having", "if", "in", "inner", "insert",
        "intersect", "into", "is", "join", "left", "like", "limit", "not", "null", "nulls",
        "offset", "on", "or", "order", "outer", "over", "rename", "right", "select", "set",
        "show", "table", "tables", "then", "time", "to", "true", "union", "unique",
        "update", "using", "values", "when", "where", "with",
    ]
}
