/// A form in which results are written.
package enum TextFormat: String, CaseIterable, Sendable {
    /// Lines drawn with Unicode, for eyes.
    case box
    /// Lines drawn with ASCII.
    case table
    /// One line per value, for wide rows.
    case vertical
    /// RFC 4180 with a header.
    case csv
    /// As CSV, with tabs.
    case tsv
    /// One array of objects.
    case json
    /// One object per line.
    case ndjson
    /// A table for documents.
    case markdown

    /// Whether the whole result is held back until its end.
    package var isGrid: Bool { self == .box || self == .table }
}

/// How a result is written.
package struct ResultStyle: Sendable {
    package var format: TextFormat
    /// Whether CSV and TSV begin with the columns' names.
    package var hasHeader = true
    /// Most rows of a box or table; nil for all.
    package var rowLimit: Int?
    /// Columns of the terminal that a box or table must fit; nil for any width.
    package var width: Int?

    package init(_ format: TextFormat) { self.format = format }
}
