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
            Delimiter, header and column types are detected. All files together are one commit: \
            their rows appear at once, or none does. Without --create the table must exist, and \
            columns are matched by name. gzip and zstd are decompressed; - is standard input.

            Empty cells are NULL; "" is the empty string. Columns become INT64; DECIMAL(18,s) \
            when every value has the same 1 to 9 digits after the point; FLOAT64 for other \
            numbers; DATE, TIMESTAMP, BOOL; else STRING. What a type would lose stays STRING: \
            leading zeros (007), plus signs, digits beyond a double. Titles, units and row counts \
            around the table are left out, and said. With --create, if a late row disagrees with \
            what the sample showed, the load begins once more with the wider type.

            Rows that fit neither the file's shape nor the table's types go to the reject file, \
            a CSV of file, line, reason and text; the exit code is then 4.

            EXAMPLES
              stoa import people.csv --dry-run
              stoa import people.csv --create
              stoa import day*.csv.gz --table visits --label 2026-11
              psql -c "\\copy t TO STDOUT CSV HEADER" | stoa import - --table t --create
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: ArgumentHelp("The files; - is standard input.", valueName: "file"))
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
            A name for this load; a second load into the table with the same name is refused, \
            so that an import can be repeated safely.
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
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw Failure.local("standard input can be read once only")
        }
        let inputs = try files.map { try options.open($0) }
        guard let first = inputs.first else { return }
        guard let tableName = table ?? first.tableName else {
            throw Failure.local("\(first.name) has no name for a table", hint: "Say --table NAME.")
        }
        let rejectFile = RejectFile(path: try rejectPath(inputs, tableName))
        let set = try FileSet(inputs, options: options)
        if let time { try checkTime(time, set.columns) }
        if dryRun {
            for part in set.parts {
                StandardOutput.write(ImportReport.proposal(part.file, part.proposal))
            }
            StandardOutput.write(ImportReport.columns(set.parts[0].proposal))
            StandardOutput.write(
                TableText.createTable(tableName, columns: set.columns, timeColumn: time) + "\n")
            return
        }
        for part in set.parts {
            Terminal.write(error: ImportReport.proposal(part.file, part.proposal))
        }
        if create {
            let limit = ImportReport.columnLimit
            Terminal.write(error: ImportReport.columns(set.parts[0].proposal, limit: limit))
        }
        let connection = try await server.connect()
        let load = FileImport(
            connection: connection, table: tableName, label: label, options: options,
            rejects: rejectFile, timeColumn: time)
        do {
            let outcome = create ? try await load.create(set) : try await load.append(set)
            Terminal.write(error: ImportReport.outcome(outcome, inputs, tableName, rejectFile))
        } catch let error as ClientError {
            throw failure(error, first)
        }
        await connection.close()
        if rejectFile.count > 0 { throw Failure(.rowsRejected) }
    }

    /// Where rejected rows go.
    private func rejectPath(_ inputs: [InputFile], _ tableName: String) throws -> String {
        let named = inputs.first { $0.tableName != nil }
        let path = rejects ?? (named?.path ?? tableName) + ".rejected"
        guard !inputs.contains(where: { $0.isSame(asFileAt: path) }) else {
            throw Failure.local(
                "\(path): rejected rows would be written over a file that is loaded",
                hint: "Choose another place with --rejects.")
        }
        return path
    }

    private func checkTime(_ name: String, _ columns: [ParseColumn]) throws {
        guard let column = columns.first(where: { $0.name == name }) else {
            let known = columns.map(\.name)
            throw Failure.local(
                "--time: there is no column \"\(name)\"",
                hint: Suggestion.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" })
        }
        guard column.type == .timestamp else {
            throw Failure.local("--time: column \"\(name)\" is \(column.type), not TIMESTAMP")
        }
    }

    private func failure(_ error: ClientError, _ input: InputFile) -> Failure {
        var error = error
        switch error.code {
        case .unknownTable where error.hint == nil:
            error.hint = "Add --create to make it with the columns of \(input.name)."
        case .tableExists where error.hint == nil:
            error.hint = "Leave --create out to add the rows to it."
        default: break
        }
        return Failure(ExitStatus(error), ErrorReport(error))
    }
}
