internal import StoaModel

/// CSV and TSV after RFC 4180, lines ending in LF.
///
/// NULL is nothing at all, an empty string is `""`: `stoa import` and PostgreSQL's `COPY` read
/// the difference back. Only cells that need quotes have them.
struct DelimitedWriter: RowWriter {
    let delimiter: UInt8
    let hasHeader: Bool
    private var hasBegun = false

    init(delimiter: UInt8, hasHeader: Bool) {
        self.delimiter = delimiter
        self.hasHeader = hasHeader
    }

    mutating func append(_ batch: RowBatch, to output: inout [UInt8]) {
        if !hasBegun, hasHeader {
            for (position, column) in batch.columns.enumerated() {
                if position > 0 { output.append(delimiter) }
                append(text: Array(column.name.utf8), to: &output)
            }
            output.append(UInt8(ascii: "\n"))
        }
        hasBegun = true
        for row in 0..<batch.rowCount {
            for (position, column) in batch.columns.enumerated() {
                if position > 0 { output.append(delimiter) }
                if column.isNull(row) { continue }
                if column.type == .string {
                    append(text: column.string(row), to: &output)
                } else {
                    ValueText.append(column, row, to: &output)
                }
            }
            output.append(UInt8(ascii: "\n"))
        }
    }

    mutating func finish(to output: inout [UInt8]) {}

    private func append(text: some Collection<UInt8>, to output: inout [UInt8]) {
        let needsQuotes =
            text.isEmpty
            || text.contains {
                $0 == delimiter || $0 == Dialect.quote || $0 == Dialect.lineFeed
                    || $0 == Dialect.carriageReturn
            }
        guard needsQuotes else {
            output.append(contentsOf: text)
            return
        }
        output.append(Dialect.quote)
        for byte in text {
            if byte == Dialect.quote { output.append(Dialect.quote) }
            output.append(byte)
        }
        output.append(Dialect.quote)
    }
}
