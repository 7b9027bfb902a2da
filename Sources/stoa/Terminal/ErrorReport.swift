internal import StoaClient
internal import StoaModel
internal import StoaText

/// An error as it is shown: code, sentence, the place in the statement, and what to do.
struct ErrorReport {
    private var code: String?
    private var message: String
    private var hint: String?
    private var excerpt: SourceExcerpt?
    /// Where the statement begins in its script, from 1.
    private var start = (line: 1, column: 1)

    /// An error of this tool.
    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    /// What storage said about files.
    init(_ error: ServiceError) {
        code = error.code.name
        message = error.message
        hint = error.hint
    }

    /// What the client library or the server said, about a statement if there is one.
    init(_ error: ClientError, statement: StatementSplitter.Statement? = nil) {
        code = error.name.isEmpty ? nil : error.name
        message = error.message
        hint = error.hint
        if let statement, let position = error.position {
            excerpt = SourceExcerpt(statement.text, position: position)
            start = (statement.line, statement.column)
        }
    }

    /// The report as text, lines ending in LF.
    var text: String {
        let label = code.map { "error [\($0)]" } ?? "error"
        var sentence = message
        while sentence.last == "." { sentence.removeLast() }
        var lines = [Terminal.emphasized(label) + (code == nil ? ": " : " ") + sentence]
        if let excerpt {
            let line = excerpt.line + start.line - 1
            let column = excerpt.column + (excerpt.line == 1 ? start.column - 1 : 0)
            lines[0] += " (line \(line), column \(column))"
            lines.append("  " + excerpt.text)
            lines.append("  " + Terminal.emphasized(excerpt.mark))
        }
        if let hint { lines.append(Terminal.bold("hint:") + " " + hint) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Shows the report on standard error.
    static func print(_ report: ErrorReport) { Terminal.write(error: report.text) }
}
