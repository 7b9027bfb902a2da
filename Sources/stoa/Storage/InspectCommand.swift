internal import ArgumentParser
internal import StoaStorage

/// `stoa inspect`: segment files, block by block.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show the blocks of segment files.",
        discussion: """
            Reads the files themselves; no server is needed, and a running one is not disturbed. \
            For each column its size, then one line per block: the tree of encodings, rows, \
            bytes, place, and the statistics that let queries skip it. The exit code is 1 when a \
            block is damaged.

            EXAMPLES
              stoa inspect data/seg/0000000000000001
              stoa inspect data/seg/*
            """)

    @Argument(help: ArgumentHelp("The segment files.", valueName: "segment"))
    var segments: [String]

    func run() throws {
        var isIntact = true
        for segment in segments {
            let place = try DataDirectory.segment(at: segment)
            let report: SegmentReport
            do throws(StorageError) {
                // The file says which table it belongs to; the manifest, what that is called.
                let nameless = try SegmentReport.read(place.path, disk: place.disk)
                report = try SegmentReport.read(
                    place.path, definition: place.definition(nameless.tableID), disk: place.disk)
            } catch {
                throw Failure(.localError, ErrorReport(error.serviceError))
            }
            isIntact = isIntact && report.isIntact
            StandardOutput.write(report.lines().joined(separator: "\n") + "\n")
        }
        if !isIntact { throw Failure(.localError) }
    }
}
