internal import StoaModel

/// A table in GitHub's Markdown; numbers are aligned to the right.
struct MarkdownWriter: RowWriter {
    private var hasBegun = false

    mutating func append(_ batch: RowBatch, to output: inout [UInt8]) {
        if !hasBegun {
            writeLine(batch.columns.map { escaped(Array($0.name.utf8)) }, to: &output)
            writeLine(batch.columns.map { $0.type.isNumeric ? "--:" : "---" }, to: &output)
        }
        hasBegun = true
        for row in 0..<batch.rowCount {
            let cells = batch.columns.map { column in
                if column.isNull(row) { return "NULL" }
                var bytes: [UInt8] = []
                ValueText.append(column, row, to: &bytes)
                return escaped(bytes)
            }
            writeLine(cells, to: &output)
        }
    }

    mutating func finish(to output: inout [UInt8]) {}

    private func writeLine(_ cells: [String], to output: inout [UInt8]) {
        output.append(contentsOf: "| \(cells.joined(separator: " | ")) |\n".utf8)
    }

    private func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        for character in DisplayText.printable(bytes) {
            if character == "|" { text.append("\\") }
            text.append(character)
        }
        return text
    }
}
