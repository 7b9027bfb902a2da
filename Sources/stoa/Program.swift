internal import ArgumentParser
internal import Foundation
internal import StoaBase
internal import StoaClient

/// The entry point: runs the command and turns its end into one of the documented exit codes.
@main
enum Program {
    static func main() async {
        Interruption.install()
        do {
            let arguments = Array(HostProcess.arguments.dropFirst())
            try StoaCommand.checkName(arguments.first)
            var command = try StoaCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
        exit(ExitStatus.success.rawValue)
    }

    private static func end(with error: any Error) -> Never {
        switch error {
        case let failure as Failure:
            failure.report.map { ErrorReport.print($0) }
            exit(failure.status.rawValue)
        case let error as ClientError:
            ErrorReport.print(ErrorReport(error))
            exit(ExitStatus(error).rawValue)
        case is CancellationError:
            exit(ExitStatus.interrupted.rawValue)
        default:
            let message = StoaCommand.fullMessage(for: error)
            // Help that was asked for is data; everything else is an error of usage.
            guard StoaCommand.exitCode(for: error).isSuccess else {
                let text = message.hasPrefix("Error:") ? "e" + message.dropFirst() : message
                Terminal.write(error: text.isEmpty ? "" : text + "\n")
                exit(ExitStatus.localError.rawValue)
            }
            StandardOutput.write(message + "\n")
            exit(ExitStatus.success.rawValue)
        }
    }
}

/// What the process ends with; scripts rely on these and on no others.
enum ExitStatus: Int32 {
    case success = 0
    /// Wrong usage, or something on this machine: a file, a directory.
    case localError = 1
    /// Nobody answers, or not as a Stoa server.
    case cannotConnect = 2
    case statementFailed = 3
    /// Finished, and some rows were rejected.
    case rowsRejected = 4
    /// The server answers, and would store no rows.
    case cannotWrite = 5
    case interrupted = 130

    /// What a client's error means for the process.
    init(_ error: ClientError) {
        switch error.code {
        case .cannotConnect, .notAServer, .connectionLost: self = .cannotConnect
        case .badURL: self = .localError
        default: self = .statementFailed
        }
    }
}

/// The end of a command that did not succeed.
struct Failure: Error {
    var status: ExitStatus
    /// What is printed; nil when everything was said already.
    var report: ErrorReport?

    init(_ status: ExitStatus, _ report: ErrorReport? = nil) {
        self.status = status
        self.report = report
    }

    /// Something on this machine.
    static func local(_ message: String, hint: String? = nil) -> Failure {
        Failure(.localError, ErrorReport(message, hint: hint))
    }
}
