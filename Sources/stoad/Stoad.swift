internal import ArgumentParser
internal import Foundation
internal import StoaBase
internal import StoaModel
internal import StoaSettings

/// The daemon's command line: settings in, a running daemon or one clear line out.
@main
struct Stoad: AsyncParsableCommand {
    static let version = "0.1.0"
    /// The exit code of a stop that was not orderly.
    private static let stoppedWithError: Int32 = 2

    static let configuration = CommandConfiguration(
        commandName: "stoad",
        abstract: "The Stoa daemon: keeps tables in a directory and answers queries over TCP.",
        discussion: """
            Without any option it keeps its data in ./stoa-data and listens on 127.0.0.1:8471. \
            Every option is also a key of the configuration file and an environment variable: \
            --data-dir is STOA_DATA_DIR. A flag goes before the environment, that before the \
            file, that before the default.

            Exit codes: 0 stopped as asked, 1 refused to start, 2 stopped, but the disk had \
            failed: the next start reads the log again.

            Signals: TERM and INT stop, a second one at once; QUIT stops at once; HUP opens the \
            log file anew and reads log-level from the configuration file again.
            """,
        version: "stoad \(version)")

    @OptionGroup var options: SettingOptions

    @Option(help: "The configuration file (also STOA_CONFIG).")
    var config: String?

    @Flag(help: "Print a configuration file with every key, its range and default, and exit.")
    var printConfig = false

    /// Ends the process with 1 for every wrong command line, so that 0, 1 and 2 are all there is.
    static func main() async {
        do {
            var command = try parseAsRoot(Array(HostProcess.arguments.dropFirst()))
            if var daemon = command as? Stoad { try await daemon.run() } else { try command.run() }
        } catch {
            let isSuccess = exitCode(for: error) == .success
            let text = fullMessage(for: error)
            if !text.isEmpty { isSuccess ? print(text) : StandardError.write(text) }
            let isStop = (error as? ExitCode)?.rawValue == Self.stoppedWithError
            Foundation.exit(isSuccess ? 0 : isStop ? Self.stoppedWithError : 1)
        }
    }

    mutating func run() async throws {
        if printConfig {
            print(SettingsFile.defaultsText, terminator: "")
            return
        }
        do {
            let (texts, path) = (options.texts, config)
            let settings = try Self.settings(texts, path)
            let failure = try await Daemon.run(settings) { () throws(StartError) in
                try Self.settings(texts, path)
            }
            if failure != nil { throw ExitCode(Self.stoppedWithError) }
        } catch let error as StartError {
            StandardError.write(error.description)
            throw ExitCode(1)
        }
    }

    /// Puts together what flags, environment and file say now.
    private static func settings(
        _ texts: [SettingKey: String], _ config: String?
    ) throws(StartError) -> Settings {
        let environment = ProcessInfo.processInfo.environment
        do throws(SettingsError) {
            var file: SettingsFile?
            if let path = config ?? environment["STOA_CONFIG"] {
                file = try SettingsFile(path: path, text: try text(of: path))
            }
            return try Settings(flags: texts, environment: environment, file: file)
        } catch {
            throw StartError(.invalidSetting, error.message, hint: error.hint)
        }
    }

    private static func text(of path: String) throws(SettingsError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SettingsError(
                "the configuration file \(path) cannot be read",
                hint: "it has to be there, readable, and UTF-8 text")
        }
    }
}
