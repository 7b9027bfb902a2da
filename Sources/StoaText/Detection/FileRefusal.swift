/// Why a file cannot be read as delimited text.
package enum FileRefusal: Error, Equatable, Sendable {
    case isEmpty
    case isUTF16
    case isBinary
    case hasTooManyColumns
    /// The header's bytes are no UTF-8.
    case hasForeignHeader
    /// The record that seems to name the columns does not have as many cells as the rows.
    case hasOtherHeader(line: Int, nameCount: Int, cellCount: Int)
    /// No delimiter cuts the lines alike.
    case isShapeless
    /// Columns seem to be set apart by runs of blanks.
    case isAligned
    /// A type was given for a column that is not there.
    case hasNoColumn(String, nearest: String?)

    /// One clause, and what to do.
    package var message: String {
        switch self {
        case .isEmpty: "the file has no records"
        case .isUTF16: "the file is UTF-16; make it UTF-8 first: iconv -f UTF-16 -t UTF-8"
        case .isBinary: "the file is no text: it has zero bytes"
        case .hasTooManyColumns: "the first record has more than 4,096 columns"
        case .hasForeignHeader:
            "the header is not UTF-8; say --encoding latin1 or --encoding windows-1252"
        case .hasOtherHeader(let line, let nameCount, let cellCount):
            """
            line \(line) seems to name \(nameCount) columns, but the rows below it have \
            \(cellCount) values; mend it, or say --skip \(line) --no-header
            """
        case .isShapeless:
            """
            no table is seen in it: its lines have no number of values in common; if it is one, \
            say --delimiter, and --skip for lines above it
            """
        case .isAligned:
            """
            its columns seem to be set apart by runs of blanks, which are not read; make them \
            tabs first: sed -E 's/ +/\\t/g'
            """
        case .hasNoColumn(let name, let nearest):
            "--types: there is no column \"\(name)\""
                + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        }
    }
}
