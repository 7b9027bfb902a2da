internal import ArgumentParser
internal import Foundation
internal import StoaClient
internal import StoaText
internal import StoaWire

/// `stoa sql`: statements in, results out.
struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Run SQL statements.",
        discussion: """
            Statements come from the command line, a file, or standard input, separated by ';'. \
            They run one after the other; the first that fails ends the run with exit code 3, \
            unless --keep-going is given.

            In CSV and TSV an empty cell is NULL and "" the empty string. In JSON all digits of \
            integers and decimals are written, times are RFC 3339, NaN and infinities are null.

            When the server is restarted, the connection is made anew and what was SET is set \
            again; a statement that only reads is then run again, any other is reported.

            SET memory, SET threads and SET timeout hold for the statements that follow; SHOW ALL \
            lists them, RESET takes them back.

            EXAMPLES
              stoa sql 'SHOW TABLES'
              stoa sql -q 'SELECT * FROM t LIMIT 5' --format vertical
              stoa sql -q 'SELECT * FROM t WHERE day = $day' --param day=2024-01-31
              stoa sql -q 'SELECT * FROM t WHERE a = ? AND b = ?' --param 17 --param x
              stoa sql -q 'SET timeout = 5; SELECT count(*) FROM t'
              echo 'SELECT 1; SELECT 2' | stoa sql --format json
            """)

    @Argument(help: ArgumentHelp("Statements to run, as with -q.", valueName: "sql"))
    var statements: String?

    @OptionGroup var server: ServerOptions

    @Option(
        name: [
            .customShort("q"), .customLong("query"), .customShort("c"), .customLong("command"),
        ],
        help: ArgumentHelp(
            "Statements to run; may be given several times.", valueName: "sql"))
    var query: [String] = []

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("Run the statements of a file; - is standard input.", valueName: "file"))
    var file: String?

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Give a statement up after so long.", valueName: "seconds"))
    var timeout: Double?

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp(
            "The value of a parameter, as text: name=value for $name, a value alone for the next "
                + "? or $1, $2, …; =value when the value has a '='.", valueName: "name=value"))
    var parameters: [String] = []

    @Flag(help: "Go on after a statement failed; the exit code still says 3.")
    var keepGoing = false

    func validate() throws {
        guard query.isEmpty && statements == nil || file == nil else {
            throw ValidationError("Give statements on the command line or with -f, not both.")
        }
        if let statements, FileManager.default.fileExists(atPath: statements) {
            throw ValidationError("\(statements) is a file; run its statements with -f.")
        }
        if let timeout, !(timeout > 0 && timeout <= 4_000_000) {
            throw ValidationError("--timeout is a number of seconds above 0.")
        }
        do throws(ParameterValues.Refusal) {
            _ = try ParameterValues(parameters)
        } catch {
            throw ValidationError(error.sentence)
        }
    }

    func run() async throws {
        var script = try ScriptSource(texts: (statements.map { [$0] } ?? []) + query, file: file)
        let session = try await ServerSession(server)
        var options = QueryOptions()
        options.timeout = timeout.map { .milliseconds(Int64($0 * 1_000)) }
        options.parameters = try ParameterValues(parameters).parameters
        let runner = StatementRunner(session: session, style: output.style, options: options)
        var hasFailed = false
        while let statement = try script.next() {
            do {
                try await runner.run(statement)
            } catch let failure as Failure where failure.status == .statementFailed {
                failure.report.map { ErrorReport.print($0) }
                hasFailed = true
                if !keepGoing, !script.isInteractive { throw Failure(.statementFailed) }
            }
        }
        await session.connection.close()
        if hasFailed, !script.isInteractive { throw Failure(.statementFailed) }
    }
}
