/// How a delimited text file is written. The quote is always `"`, doubled inside quotes.
package struct Dialect: Hashable, Sendable {
    /// The byte between two cells.
    package var delimiter: UInt8
    /// Whether the first record names the columns.
    package var hasHeader: Bool
    /// Unquoted texts that mean NULL besides the empty one.
    package var nullTexts: [[UInt8]]

    package init(
        delimiter: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true, nullTexts: [[UInt8]] = []
    ) {
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.nullTexts = nullTexts
    }

    static let quote = UInt8(ascii: "\"")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    /// The delimiters that are recognised without being told.
    package static let knownDelimiters = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }

    /// Whether a byte may be a delimiter: ASCII, and no part of a line end, quote or value.
    package static func isUsable(delimiter: UInt8) -> Bool {
        delimiter < 0x80 && delimiter != quote && delimiter != lineFeed
            && delimiter != carriageReturn && delimiter != 0
            && !(48...57).contains(delimiter)
    }
}
