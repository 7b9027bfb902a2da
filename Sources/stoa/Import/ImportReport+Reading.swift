internal import StoaText

extension ImportReport {
    /// More columns are only counted, unless all are asked for.
    static let columnLimit = 50

    /// How a file is read: `delimiter ';', quote '"', header yes, 3 lines above it skipped`.
    static func form(of proposal: FileProposal) -> String {
        let dialect = proposal.dialect
        var parts = [
            proposal.cellCount == 1 && dialect.delimiter == Dialect.noDelimiter
                ? "one column" : "delimiter \(name(dialect.delimiter))",
            "quote \(dialect.quote.map(name) ?? "none")",
            "header \(dialect.hasHeader ? "yes" : "no")",
        ]
        if let comment = dialect.comment { parts.append("comment \(name(comment))") }
        if proposal.skippedLineCount > 0 {
            let place = dialect.hasHeader ? "it" : "the first row"
            parts.append(
                "\(HumanText.counted(proposal.skippedLineCount, "line")) above \(place) skipped")
        }
        return parts.joined(separator: ", ")
    }

    /// The columns with their types and why they have them, one line each; then what should be
    /// said of them and of the file.
    static func columns(_ proposal: FileProposal, limit: Int = .max) -> String {
        var text = ""
        for (column, why) in zip(proposal.columns, proposal.reasons).prefix(limit) {
            text += "--   \(TableText.identifier(column.name)) \(column.type): \(why.reason)\n"
        }
        if proposal.columns.count > limit {
            let rest = proposal.columns.count - limit
            text += "--   and \(HumanText.counted(rest, "column")) more; --dry-run shows all\n"
        }
        for note in proposal.notes { text += "-- note: \(note)\n" }
        for (column, why) in zip(proposal.columns, proposal.reasons).prefix(limit) {
            guard let note = why.note else { continue }
            text += "-- note: \(TableText.identifier(column.name)): \(note)\n"
        }
        return text
    }

    /// The columns that got another type on the way, one line each.
    static func changes(_ proposal: FileProposal, at positions: [Int]) -> String {
        positions.prefix(columnLimit).map { position in
            let column = proposal.columns[position]
            return "-- \(TableText.identifier(column.name)) is \(column.type): "
                + "\(proposal.reasons[position].reason)\n"
        }.joined()
    }

    private static func name(_ byte: UInt8) -> String {
        byte == UInt8(ascii: "\t") ? "tab" : "'\(Character(Unicode.Scalar(byte)))'"
    }
}
