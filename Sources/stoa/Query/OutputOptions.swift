internal import ArgumentParser
internal import StoaText

extension TextFormat: ExpressibleByArgument {}

/// How results are written.
struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How results are written (default: box on a terminal, csv otherwise).",
            valueName: "format"))
    var format: TextFormat?

    @Flag(help: "Short for --format csv.")
    var csv = false

    @Flag(help: "Short for --format json.")
    var json = false

    @Flag(help: "Short for --format ndjson.")
    var ndjson = false

    @Flag(inversion: .prefixedNo, help: "Whether csv and tsv begin with the column names.")
    var header = true

    @Option(
        help: ArgumentHelp(
            "Most rows of a box or table that are shown; 0 shows all.", valueName: "rows"))
    var maxRows = 1_000

    func validate() throws {
        let chosenCount = [format != nil, csv, json, ndjson].count { $0 }
        guard chosenCount <= 1 else {
            throw ValidationError("Choose one of --format, --csv, --json and --ndjson.")
        }
        guard maxRows >= 0 else { throw ValidationError("--max-rows is 0 or more.") }
    }

    /// The style that holds for what standard output is.
    var style: ResultStyle {
        var style = ResultStyle(chosenFormat)
        style.hasHeader = header
        style.rowLimit = maxRows == 0 ? nil : maxRows
        style.width = Terminal.width
        return style
    }

    private var chosenFormat: TextFormat {
        if let format { return format }
        if csv { return .csv }
        if json { return .json }
        if ndjson { return .ndjson }
        return Terminal.isOutput ? .box : .csv
    }
}
