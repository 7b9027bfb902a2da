internal import ArgumentParser
internal import Foundation
internal import StoaClient

/// Where the server is.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's address (environment: STOA_URL; default: stoa://127.0.0.1:8471).",
            valueName: "stoa://host:port"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "Give a server up that says nothing for so long (default: 30; a busy one answers).",
            valueName: "seconds"))
    var serverTimeout: Double?

    func validate() throws {
        if let serverTimeout, !(serverTimeout >= 0.1 && serverTimeout <= 86_400) {
            throw ValidationError("--server-timeout is a number of seconds, 0.1 … 86400.")
        }
    }

    /// The address that holds: option, environment, default.
    var address: String {
        if let url { return url }
        let fromEnvironment = ProcessInfo.processInfo.environment["STOA_URL"] ?? ""
        return fromEnvironment.isEmpty ? "stoa://127.0.0.1:8471" : fromEnvironment
    }

    /// Connects under the tool's name.
    func connect() async throws -> Connection {
        var options = ConnectionOptions()
        options.clientName = "stoa/0.1.0"
        if let serverTimeout {
            options.silenceTimeout = .milliseconds(Int64(serverTimeout * 1_000))
            options.connectTimeout = min(options.connectTimeout, options.silenceTimeout)
        }
        do {
            return try await Connection.connect(address, options: options)
        } catch let error as ClientError where error.code != .badURL {
            throw Failure(.cannotConnect, ErrorReport(error))
        }
    }
}
