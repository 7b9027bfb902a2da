internal import ArgumentParser
internal import StoaClient
internal import StoaWire

/// `stoa ping`: is the server there?
struct PingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "Ask the server for a sign of life.",
        discussion: "Prints one line and ends with 0 when the server answers, with 2 when not.")

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connect()
        let duration = try await connection.ping()
        let milliseconds =
            Double(duration.components.attoseconds) / 1e15
            + Double(duration.components.seconds) * 1e3
        let name = connection.welcome.serverName
        StandardOutput.write(
            "ok  \(name)  \(connection.url)  \(HumanText.decimal(milliseconds, 1)) ms\n")
        await connection.close()
    }
}
