/// How the values of one node of a block are stored. The raw value is the id on disk: never
/// reused, never renumbered. All encodings of the design have their id from the start; those
/// that this version cannot read are refused by name.
package enum Encoding: UInt8, CaseIterable, Sendable {
    /// One value for all rows, or null for all rows.
    case constant = 1
    /// `first + row × step`.
    case sequence = 2
    /// Residuals above a base, bit-packed per vector, with exceptions.
    case frameOfReference = 3
    /// Differences of neighbours.
    case delta = 4
    /// Differences of differences.
    case doubleDelta = 5
    /// Values and lengths of runs.
    case runLength = 6
    /// Positions in a list of distinct values that stands in the block.
    case dictionary = 7
    /// One frequent value and its exceptions.
    case sparse = 8
    /// Values as they are.
    case plain = 9
    /// Chunks compressed with LZ4.
    case lz4 = 10
    /// Validity, and a child that holds only the values that are not null.
    case masked = 11
    /// Validity, and a child that holds every row, with harmless values where it is null.
    case nullable = 12
    /// Floats as scaled integers.
    case alp = 13
    /// Floats cut into a left and a right part.
    case alpRealDouble = 14
    /// Strings as codes of a symbol table.
    case fsst = 15
    /// Sorted strings without the prefix they share with the one before.
    case frontCoded = 16
    /// Strings that are a template and a zero-padded number.
    case numericString = 17
    /// A bit per row that starts a run, and the values of the runs.
    case runStart = 18
    /// The same values as another column, or a function of them.
    case derived = 19
    /// An order-0 entropy stage over bytes.
    case huffman = 20

    /// The newest layout of this encoding that this version reads and writes; 0: none.
    package var revision: UInt8 {
        switch self {
        case .constant, .frameOfReference, .delta, .runLength, .plain, .lz4, .masked, .nullable: 1
        case .fsst, .frontCoded, .numericString: 1
        case .sequence, .doubleDelta, .dictionary, .sparse, .alp, .alpRealDouble: 1
        case .runStart, .derived, .huffman: 0
        }
    }

    /// The name in `stoa inspect` and in error texts.
    package var name: String {
        switch self {
        case .constant: "CONST"
        case .sequence: "SEQ"
        case .frameOfReference: "FOR"
        case .delta: "DELTA"
        case .doubleDelta: "DELTA2"
        case .runLength: "RLE"
        case .dictionary: "DICT"
        case .sparse: "SPARSE"
        case .plain: "PLAIN"
        case .lz4: "LZ4"
        case .masked: "MASKED"
        case .nullable: "NULLABLE"
        case .alp: "ALP"
        case .alpRealDouble: "ALP_RD"
        case .fsst: "FSST"
        case .frontCoded: "FRONT"
        case .numericString: "NUMERIC_STRING"
        case .runStart: "RUNSTART"
        case .derived: "DERIVED"
        case .huffman: "HUFFMAN"
        }
    }
}
