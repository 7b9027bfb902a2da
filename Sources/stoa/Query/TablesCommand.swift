internal import ArgumentParser
internal import StoaClient
internal import StoaText

/// `stoa tables`: what is there.
struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables", abstract: "List the tables, or the columns of one.",
        discussion: """
            EXAMPLES
              stoa tables
              stoa tables trades
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: ArgumentHelp("List the columns of this table.", valueName: "table"))
    var table: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let session = try await ServerSession(server)
        let text = table.map { "DESCRIBE \(TableText.quoted($0))" } ?? "SHOW TABLES"
        let runner = StatementRunner(
            session: session, style: output.style, options: QueryOptions())
        try await runner.run(StatementSplitter.Statement(text: Array(text.utf8)))
        await session.connection.close()
    }
}
