internal import ArgumentParser
internal import StoaClient
internal import StoaWire

/// `stoa ping`: is the server there?
struct PingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "Ask the server for a sign of life.",
        discussion: """
            Prints one line and ends with 0 when the server answers, with 2 when not, and with 5 \
            when it answers but would store no rows: the line says why, for example that the \
            disk is full.
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connect()
        let (duration, refusal) = try await connection.health()
        let milliseconds =
            Double(duration.components.attoseconds) / 1e15
            + Double(duration.components.seconds) * 1e3
        let facts =
            "\(connection.welcome.serverName)  \(connection.url)  "
            + "\(HumanText.decimal(milliseconds, 1)) ms"
        await connection.close()
        guard let refusal else { return StandardOutput.write("ok  \(facts)\n") }
        StandardOutput.write("stores no rows  \(facts)  \(refusal.name)\n")
        throw Failure(.cannotWrite, ErrorReport(refusal))
    }
}
