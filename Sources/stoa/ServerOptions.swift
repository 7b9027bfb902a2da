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
        do {
            return try await Connection.connect(address, options: options)
        } catch let error as ClientError where error.code != .badURL {
            throw Failure(.cannotConnect, ErrorReport(error))
        }
    }
}
