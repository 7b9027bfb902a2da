package import StoaModel

/// Writes a result as text, batch after batch.
package struct ResultWriter {
    private var writer: any RowWriter
    /// Rows taken so far.
    package private(set) var rowCount = 0

    package init(_ style: ResultStyle) {
        switch style.format {
        case .box, .table: writer = GridWriter(style)
        case .vertical: writer = VerticalWriter()
        case .csv:
            writer = DelimitedWriter(delimiter: UInt8(ascii: ","), hasHeader: style.hasHeader)
        case .tsv:
            writer = DelimitedWriter(delimiter: UInt8(ascii: "\t"), hasHeader: style.hasHeader)
        case .json: writer = JSONWriter(isArray: true)
        case .ndjson: writer = JSONWriter(isArray: false)
        case .markdown: writer = MarkdownWriter()
        }
    }

    /// Writes a batch's rows behind `output`; the first batch, which may be empty, also brings
    /// the heading.
    package mutating func append(_ batch: RowBatch, to output: inout [UInt8]) {
        writer.append(batch, to: &output)
        rowCount += batch.rowCount
    }

    /// Writes what ends the result.
    package mutating func finish(to output: inout [UInt8]) {
        writer.finish(to: &output)
    }
}

/// One format's way to write rows. Every batch has the columns of the first.
protocol RowWriter {
    mutating func append(_ batch: RowBatch, to output: inout [UInt8])
    mutating func finish(to output: inout [UInt8])
}
