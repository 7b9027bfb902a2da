/// A record that became no row: where it is, why, and its text as it stands in the file.
package struct RejectedRecord: Equatable, Sendable {
    /// The number of the record's first line. From a chunk: lines before it in the chunk; in a
    /// report: counted from 1 in the file.
    package var line: Int
    /// One clause without a value in it.
    package var reason: String
    /// The record without its line end, at most `textByteCountLimit` bytes of it.
    package var text: [UInt8]

    package static let textByteCountLimit = 65_536

    package init(line: Int, reason: String, text: some Collection<UInt8>) {
        self.line = line
        self.reason = reason
        self.text = Array(text.prefix(Self.textByteCountLimit))
    }

    /// The same record, counted from a place `lineCount` lines earlier.
    package func moved(by lineCount: Int) -> RejectedRecord {
        var moved = self
        moved.line += lineCount
        return moved
    }

    /// The reason for a record that has another number of values than the table.
    static func otherShape(_ cellCount: Int, wanted: Int) -> String {
        "\(cellCount) values instead of \(wanted)"
    }

    /// Whether that is its reason.
    var hasOtherShape: Bool { reason.contains(" values instead of ") }
    var isSingleValue: Bool { reason.hasPrefix("1 values ") }
}
