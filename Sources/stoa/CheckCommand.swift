internal import ArgumentParser

/// `stoa check`: every checksum of a data directory.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Verify a data directory that no server uses.")

    @Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
    var directory: String
}
