internal import ArgumentParser
internal import StoaStorage

/// `stoa check`: every checksum of a data directory.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Verify a data directory that no server uses.",
        discussion: """
            Reads everything and changes nothing: the manifest, every record of the log, and \
            every block of every segment, whose rows are compared with their statistics. All that \
            is wrong is listed on standard error, and the exit code is then 1. A torn end of the \
            log after a crash is no damage: those rows were never acknowledged.

            EXAMPLES
              stoa check /var/lib/stoa
            """)

    @Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
    var directory: String

    func run() throws {
        let disk = try DataDirectory.open(directory)
        let check = StoreCheck.run(on: disk) { done, total in
            guard Terminal.isError else { return }
            Terminal.write(error: "\r\u{1B}[Ksegment \(done) of \(total)")
            if done == total { Terminal.write(error: "\r\u{1B}[K") }
        }
        for finding in check.findings { ErrorReport.print(ErrorReport(finding.serviceError)) }
        StandardOutput.write(summary(check))
        if !check.isIntact { throw Failure(.localError) }
    }

    private func summary(_ check: StoreCheck) -> String {
        guard let manifest = check.manifest else { return "" }
        var lines = [
            "manifest  generation \(manifest.generation), LSN \(manifest.lsn), "
                + "\(HumanText.count(manifest.tables.count)) tables"
        ]
        var log = "log       \(HumanText.count(check.logRecordCount)) records"
        if check.wasClosed { log += ", closed in order" }
        if check.tornByteCount > 0 {
            log += ", \(HumanText.count(check.tornByteCount)) bytes of a torn end"
        }
        lines.append(log)
        lines.append(
            "segments  \(HumanText.count(check.segmentCount)) files, "
                + "\(HumanText.count(check.intactBlockCount)) blocks, "
                + "\(HumanText.count(check.valueCount)) values")
        if !check.unnamedSegments.isEmpty {
            lines.append(
                "left over \(HumanText.count(check.unnamedSegments.count)) segment files that "
                    + "nothing names; the next start removes them")
        }
        let count = check.findings.count
        lines.append(count == 0 ? "ok" : "DAMAGED: \(HumanText.counted(count, "finding"))")
        return lines.joined(separator: "\n") + "\n"
    }
}
