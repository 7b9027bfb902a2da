/// How a delimited text file is written. A quote is doubled inside quotes.
package struct Dialect: Hashable, Sendable {
    /// The byte between two cells.
    package var delimiter: UInt8
    /// What encloses cells that hold delimiters or line ends; nil where nothing does.
    package var quote: UInt8?
    /// Records that begin with it are no rows.
    package var comment: UInt8?
    /// Whether the first record names the columns.
    package var hasHeader: Bool
    /// The header as it stands in the file; a record that repeats it is no row. Empty where
    /// that cannot be told from a row.
    package var headerText: [UInt8] = []
    /// Whether blanks around strings are the table's drawing and no part of them.
    package var trimsBlanks = false
    /// Unquoted texts that mean NULL besides the empty one.
    package var nullTexts: [[UInt8]]

    package init(
        delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8? = Dialect.quote,
        hasHeader: Bool = true, nullTexts: [[UInt8]] = []
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.hasHeader = hasHeader
        self.nullTexts = nullTexts
    }

    /// The quote of RFC 4180.
    package static let quote = UInt8(ascii: "\"")
    /// The delimiter of a file of one column: a character that stands in no text.
    package static let noDelimiter: UInt8 = 0x1F
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
