internal import ArgumentParser
internal import StoaBase
internal import StoaClient
internal import StoaModel
internal import StoaText

/// `stoa import`: files in, rows stored.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Load CSV and TSV files.",
        discussion: """
            Delimiter, header and column types are detected. Each file is one commit: all of its \
            rows appear together, or none. Without --create the table must exist, and columns \
            are matched by name.

            Empty cells are NULL; "" is the empty string. Columns become INT64; DECIMAL(18,s) \
            when every value has the same 1 to 9 digits after the point; FLOAT64 for other \
            numbers; DATE, TIMESTAMP, BOOL; else STRING. Numbers with leading zeros (007) stay \
            STRING. With --create, if a late row disagrees with what the sample showed, the load \
            begins once more with the wider type.

            Rows that fit neither the file's shape nor the table's types go to the reject file, \
            a CSV of file, line, reason and text; the exit code is then 4.

            EXAMPLES
              stoa import people.csv --dry-run
              stoa import people.csv --create
              stoa import day1.csv day2.csv --table visits --label 2026-11
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp(
            "The table (default: the first file's name without its ending).",
            valueName: "table"))
    var table: String?

    @Flag(help: "Make the table, with the detected columns; it must not exist.")
    var create = false

    @Option(
        help: ArgumentHelp(
            "With --create: the TIMESTAMP column that is the table's time.", valueName: "column"))
    var time: String?

    @Flag(help: "Only say what would be done; no server is needed.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Where rejected rows go (default: the first file's name with .rejected behind it).",
            valueName: "file"))
    var rejects: String?

    @Option(
        help: ArgumentHelp(
            """
            A name for this load; a second load into the table with the same name is refused. \
            With several files each file's name is added to it.
            """, valueName: "label"))
    var label: String?

    @OptionGroup(title: "File options") var options: ImportOptions

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("Name at least one file.") }
        guard time == nil || create || dryRun else {
            throw ValidationError("--time belongs to --create: it says what the new table is.")
        }
    }

    func run() async throws {
        let inputs = try files.map { try InputFile(path: $0) }
        guard let first = inputs.first else { return }
        let rejectPath = rejects ?? first.path + ".rejected"
        guard !inputs.contains(where: { $0.isSame(asFileAt: rejectPath) }) else {
            throw Failure.local(
                "\(rejectPath): rejected rows would be written over a file that is loaded",
                hint: "Choose another place with --rejects.")
        }
        let tableName = table ?? first.tableName
        var proposals = try inputs.map {
            try FileSampler.propose($0, wishes: options.wishes(for: $0))
        }
        if create { unify(&proposals) }
        if let time { try checkTime(time, proposals[0]) }
        if dryRun {
            for (input, proposal) in zip(inputs, proposals) {
                StandardOutput.write(ImportReport.proposal(input, proposal))
            }
            StandardOutput.write(
                TableText.createTable(
                    tableName, columns: proposals[0].columns, timeColumn: time) + "\n")
            return
        }
        let connection = try await server.connect()
        let rejectFile = RejectFile(path: rejectPath)
        for (position, input) in inputs.enumerated() {
            let load = FileImport(
                connection: connection, file: input, table: tableName,
                label: label.map { inputs.count > 1 ? "\($0)/\(input.name)" : $0 },
                options: options, rejects: rejectFile, timeColumn: time)
            do {
                let outcome =
                    create && position == 0
                    ? try await load.create(proposals[position])
                    : try await load.append(proposals[position])
                Terminal.write(
                    error: ImportReport.outcome(outcome, input, tableName, rejectFile))
            } catch let error as ClientError {
                throw failure(error, input, isFirst: position == 0)
            }
        }
        await connection.close()
        if rejectFile.count > 0 { throw Failure(.rowsRejected) }
    }

    /// Chooses the types of a new table so that the samples of all files fit it.
    private func unify(_ proposals: inout [FileProposal]) {
        for position in proposals.indices.dropFirst()
        where proposals[position].columns.map(\.name) == proposals[0].columns.map(\.name) {
            var shown = ChunkProfiler.Result(cellCount: proposals[0].columns.count)
            shown.columns = proposals[position].profiles
            proposals[0].merge(shown)
        }
    }

    private func checkTime(_ name: String, _ proposal: FileProposal) throws {
        guard let column = proposal.columns.first(where: { $0.name == name }) else {
            let known = proposal.columns.map(\.name)
            throw Failure.local(
                "--time: there is no column \"\(name)\"",
                hint: Suggestion.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" })
        }
        guard column.type == .timestamp else {
            throw Failure.local("--time: column \"\(name)\" is \(column.type), not TIMESTAMP")
        }
    }

    private func failure(_ error: ClientError, _ input: InputFile, isFirst: Bool) -> Failure {
        var error = error
        switch error.code {
        case .unknownTable where error.hint == nil:
            error.hint = "Add --create to make it with the columns of \(input.name)."
        case .tableExists where error.hint == nil:
            error.hint = "Leave --create out to add the rows to it."
        default: break
        }
        if !isFirst { error.message = "\(input.path): \(error.message)" }
        return Failure(ExitStatus(error), ErrorReport(error))
    }
}
