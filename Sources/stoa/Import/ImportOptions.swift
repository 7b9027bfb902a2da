internal import ArgumentParser
internal import Foundation
internal import StoaText

/// How files are read.
struct ImportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What stands between two cells: one character, or tab (default: detected).",
            valueName: "char"))
    var delimiter: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether the first line names the columns (default: detected).")
    var header: Bool?

    @Option(
        name: .customLong("null"),
        help: ArgumentHelp(
            "An unquoted text that means NULL, besides nothing at all; may be repeated.",
            valueName: "text"))
    var nullTexts: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            How characters are written: utf-8, latin1, windows-1252, utf-16, utf-16le, utf-16be \
            (default: by the byte order mark, else utf-8).
            """, valueName: "name"))
    var encoding: String?

    @OptionGroup var format: FormatOptions

    @Option(help: ArgumentHelp("Threads that parse (default: one per core).", valueName: "count"))
    var threads: Int?

    @Option(
        name: .customLong("chunk-bytes"),
        help: ArgumentHelp(
            "Bytes of the file that one thread takes at a time.", valueName: "bytes"))
    var chunkByteCount = 2 << 20

    func validate() throws {
        if let delimiter, byte(delimiter) == nil {
            throw ValidationError(
                "--delimiter is tab or one ASCII character, no digit, quote or line end.")
        }
        if let encoding, TextEncoding(name: encoding) == nil {
            let names = TextEncoding.allCases.map(\.description).joined(separator: ", ")
            throw ValidationError("--encoding is one of \(names).")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is a number from 1 to 256.")
        }
        guard (4_096...(64 << 20)).contains(chunkByteCount) else {
            throw ValidationError("--chunk-bytes is a number from 4096 to 67108864.")
        }
    }

    /// Threads that parse.
    var threadCount: Int { threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Opens a file as the options say.
    func open(_ path: String) throws -> InputFile {
        try InputFile(
            path: path, encoding: encoding.flatMap { TextEncoding(name: $0) },
            isTable: delimiter != nil)
    }

    /// What the caller knows better than the detection; the file's ending counts as a word.
    func wishes(for file: InputFile) -> FileProposal.Wishes {
        var wishes = FileProposal.Wishes()
        wishes.delimiter = delimiter.flatMap(byte)
        if wishes.delimiter == nil, isTabbed(file.name) {
            wishes.delimiter = UInt8(ascii: "\t")
        }
        wishes.hasHeader = header
        wishes.nullTexts = nullTexts.map { Array($0.utf8) }
        format.apply(to: &wishes)
        return wishes
    }

    /// Whether the name ends as files with tabs do, compressed or not.
    private func isTabbed(_ name: String) -> Bool {
        name.lowercased().split(separator: ".").suffix(2).contains("tsv")
    }

    private func byte(_ text: String) -> UInt8? {
        if text == "tab" || text == "\\t" { return UInt8(ascii: "\t") }
        guard text.utf8.count == 1, let byte = text.utf8.first, Dialect.isUsable(delimiter: byte)
        else { return nil }
        return byte
    }
}
