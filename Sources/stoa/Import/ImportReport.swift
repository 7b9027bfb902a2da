internal import StoaText

/// What an import says about itself.
enum ImportReport {
    /// What a file seems to be.
    static func proposal(_ file: InputFile, _ proposal: FileProposal) -> String {
        let delimiter =
            switch proposal.dialect.delimiter {
            case UInt8(ascii: "\t"): "tab"
            case let byte: "'\(Character(Unicode.Scalar(byte)))'"
            }
        return """
            -- \(file.path): \(HumanText.bytes(Double(file.byteCount))), delimiter \(delimiter), \
            header \(proposal.dialect.hasHeader ? "yes" : "no"), \
            \(HumanText.count(proposal.columns.count)) columns; \
            \(HumanText.count(proposal.sampledRowCount)) rows sampled, \
            \(HumanText.count(proposal.sampledRejectCount)) rejected

            """
    }

    /// What became of a file, and what to do next.
    static func outcome(
        _ outcome: FileImport.Outcome, _ file: InputFile, _ table: String, _ rejects: RejectFile
    ) -> String {
        let seconds = max(outcome.seconds, 1e-6)
        var text = "ingested \(HumanText.counted(outcome.rowCount, "row")) from \(file.name)"
        text += " into \(TableText.identifier(table)) in \(HumanText.duration(seconds: seconds))"
        text += " (\(HumanText.short(Double(outcome.rowCount) / seconds)) rows/s"
        text += ", \(HumanText.bytes(Double(file.byteCount) / seconds))/s)"
        if outcome.wasRestarted { text += ", types widened on the way" }
        guard outcome.rejectCount > 0 else { return text + "\n" }
        if outcome.rowCount == 0 {
            text = "ingested nothing from \(file.name): no row fits; no table was made or changed"
        }
        let rejected = HumanText.counted(outcome.rejectCount, "row")
        return "\(text)\n\(rejected) rejected, see \(rejects.path)\n"
    }
}
