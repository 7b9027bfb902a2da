internal import StoaText

/// What an import says about itself.
enum ImportReport {
    /// What a file seems to be.
    static func proposal(_ file: InputFile, _ proposal: FileProposal) -> String {
        """
        -- \(file.path): \(form(of: file)), \(form(of: proposal)), \
        \(HumanText.counted(proposal.columns.count, "column")); \
        \(HumanText.counted(proposal.sampledRowCount, "row")) sampled, \
        \(HumanText.count(proposal.sampledRejectCount)) rejected

        """
    }

    /// `12 MB, gzip, utf-16le`.
    private static func form(of file: InputFile) -> String {
        var parts = [file.byteCount.map { HumanText.bytes(Double($0)) } ?? "a stream"]
        if let compression = file.compression { parts.append(compression.description) }
        parts.append(file.encoding.description)
        return parts.joined(separator: ", ")
    }

    /// What became of the files, and what to do next.
    static func outcome(
        _ outcome: FileImport.Outcome, _ files: [InputFile], _ table: String,
        _ rejects: RejectFile
    ) -> String {
        let seconds = max(outcome.seconds, 1e-6)
        let source = files.count == 1 ? files[0].name : "\(files.count) files"
        var text = "ingested \(HumanText.counted(outcome.rowCount, "row")) from \(source)"
        text += " into \(TableText.identifier(table)) in \(HumanText.duration(seconds: seconds))"
        text += " (\(HumanText.short(Double(outcome.rowCount) / seconds)) rows/s)"
        if outcome.wasRestarted { text += ", types widened on the way" }
        if rejects.passedCount > 0 {
            text +=
                ", \(HumanText.counted(rejects.passedCount, "record")) left out that are no rows"
        }
        if !outcome.changes.isEmpty { text += "\n" + outcome.changes.dropLast() }
        guard outcome.rejectCount > 0 else { return text + "\n" }
        if outcome.rowCount == 0 {
            text = "ingested nothing from \(source): no row fits; no table was made or changed"
        }
        let rejected = HumanText.counted(outcome.rejectCount, "row")
        text += "\n\(rejected) rejected, see \(rejects.path)\n"
        if rejects.hasForeignBytes, files.contains(where: { $0.encoding == .utf8 }) {
            text += "hint: rows are not UTF-8; --encoding latin1 or windows-1252 may help\n"
        }
        return text
    }
}
