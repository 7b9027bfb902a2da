internal import StoaModel

/// One line per value, a heading per row: for rows wider than the terminal.
struct VerticalWriter: RowWriter {
    private var rowNumber = 0

    mutating func append(_ batch: RowBatch, to output: inout [UInt8]) {
        let titles = batch.columns.map { DisplayText.printable($0.name.utf8) }
        let width = titles.reduce(0) { max($0, DisplayText.width($1)) }
        for row in 0..<batch.rowCount {
            rowNumber += 1
            let heading = "─[ row \(rowNumber) ]"
            let line = String(repeating: "─", count: max(1, 40 - DisplayText.width(heading)))
            output.append(contentsOf: "\(heading)\(line)\n".utf8)
            for (title, column) in zip(titles, batch.columns) {
                var bytes: [UInt8] = []
                if column.isNull(row) {
                    bytes = Array("NULL".utf8)
                } else {
                    ValueText.append(column, row, to: &bytes)
                }
                let name = DisplayText.padded(title, toWidth: width, isRight: false)
                output.append(contentsOf: "\(name) │ \(DisplayText.printable(bytes))\n".utf8)
            }
        }
    }

    mutating func finish(to output: inout [UInt8]) {}
}
