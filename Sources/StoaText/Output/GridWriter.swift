internal import StoaModel

/// A drawn table: all rows up to the limit are held until the columns' widths are known.
struct GridWriter: RowWriter {
    private let style: ResultStyle
    private var columns: [GridColumn] = []
    private var totalRowCount = 0
    private var heldRowCount = 0

    init(_ style: ResultStyle) { self.style = style }

    mutating func append(_ batch: RowBatch, to output: inout [UInt8]) {
        if columns.isEmpty {
            columns = batch.columns.map {
                GridColumn(
                    title: DisplayText.printable($0.name.utf8), isRight: $0.type.isNumeric)
            }
        }
        totalRowCount += batch.rowCount
        let room = (style.rowLimit ?? .max) - heldRowCount
        let taken = min(room, batch.rowCount)
        for (position, column) in batch.columns.enumerated() where position < columns.count {
            for row in 0..<taken { columns[position].append(column, row) }
        }
        heldRowCount += taken
    }

    mutating func finish(to output: inout [UInt8]) {
        let layout = GridLayout(columns.map(\.width), limit: style.width)
        let lines = style.format == .box ? GridLines.box : .ascii
        write(lines.top, layout, lines, to: &output)
        writeRow(layout, lines, to: &output) { $0.title }
        write(lines.middle, layout, lines, to: &output)
        for row in 0..<heldRowCount { writeRow(layout, lines, to: &output) { $0.cells[row] } }
        write(lines.bottom, layout, lines, to: &output)
        var notes: [String] = []
        if totalRowCount > heldRowCount {
            notes.append("\(totalRowCount - heldRowCount) more rows (--max-rows 0 shows all)")
        }
        let hiddenCount = columns.count - layout.shown.count
        if hiddenCount > 0 {
            notes.append("\(hiddenCount) columns not shown (--format vertical shows all)")
        }
        guard !notes.isEmpty else { return }
        output.append(contentsOf: "… \(notes.joined(separator: ", "))\n".utf8)
    }

    private func writeRow(
        _ layout: GridLayout, _ lines: GridLines, to output: inout [UInt8],
        _ text: (GridColumn) -> String
    ) {
        var line = ""
        for (place, shown) in layout.shown.enumerated() {
            if place == layout.gap { line += "\(lines.bar) … " }
            let column = columns[shown.column]
            let cell = DisplayText.cut(text(column), toWidth: shown.width)
            let padded = DisplayText.padded(cell, toWidth: shown.width, isRight: column.isRight)
            line += "\(lines.bar) \(padded) "
        }
        if layout.gap == layout.shown.count { line += "\(lines.bar) … " }
        output.append(contentsOf: "\(line)\(lines.bar)\n".utf8)
    }

    private func write(
        _ corners: GridLines.Corners, _ layout: GridLayout, _ lines: GridLines,
        to output: inout [UInt8]
    ) {
        var widths = layout.shown.map { $0.width + 2 }
        if let gap = layout.gap { widths.insert(3, at: gap) }
        let parts = widths.map { String(repeating: lines.dash, count: $0) }
        let line = corners.left + parts.joined(separator: corners.inner) + corners.right
        output.append(contentsOf: "\(line)\n".utf8)
    }
}

/// The cells of one column as they are shown.
private struct GridColumn {
    let title: String
    let isRight: Bool
    private(set) var cells: [String] = []
    private(set) var width: Int

    init(title: String, isRight: Bool) {
        self.title = title
        self.isRight = isRight
        width = DisplayText.width(title)
    }

    mutating func append(_ column: BatchColumn, _ row: Int) {
        var text = "NULL"
        if !column.isNull(row) {
            var bytes: [UInt8] = []
            ValueText.append(column, row, to: &bytes)
            text = DisplayText.printable(bytes)
        }
        width = max(width, DisplayText.width(text))
        cells.append(text)
    }
}

/// What the lines are drawn with.
private struct GridLines {
    struct Corners {
        let left: String
        let inner: String
        let right: String
    }

    let bar: String
    let dash: String
    let top: Corners
    let middle: Corners
    let bottom: Corners

    static let box = GridLines(
        bar: "│", dash: "─", top: Corners(left: "┌", inner: "┬", right: "┐"),
        middle: Corners(left: "├", inner: "┼", right: "┤"),
        bottom: Corners(left: "└", inner: "┴", right: "┘"))

    static let ascii: GridLines = {
        let corners = Corners(left: "+", inner: "+", right: "+")
        return GridLines(bar: "|", dash: "-", top: corners, middle: corners, bottom: corners)
    }()
}
