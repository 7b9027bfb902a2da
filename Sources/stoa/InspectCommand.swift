internal import ArgumentParser

/// `stoa inspect`: one segment file, block by block.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show the blocks of a segment file.")

    @Argument(help: ArgumentHelp("The segment file.", valueName: "segment"))
    var path: String
}
