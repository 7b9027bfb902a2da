internal import StoaBase

/// Looks at every value of a chunk without keeping any.
package struct ChunkProfiler: Sendable {
    private let dialect: Dialect
    private let cellCount: Int
    private let rules: ProfileRules

    package init(dialect: Dialect, cellCount: Int, rules: ProfileRules = ProfileRules()) {
        self.dialect = dialect
        self.cellCount = cellCount
        self.rules = rules
    }

    /// What a chunk of whole records shows.
    package struct Result: Sendable {
        /// One per cell of a record.
        package var columns: [ColumnProfile]
        package var rowCount = 0
        package var rejectCount = 0
        /// Whether the last row begins with a word for a total.
        var endsWithTotal = false

        package init(cellCount: Int) {
            columns = Array(repeating: ColumnProfile(), count: cellCount)
        }

        /// Takes in what the next part of the file showed.
        package mutating func merge(_ other: Result) {
            for (position, profile) in other.columns.enumerated() where position < columns.count {
                columns[position].merge(profile, rowOffset: rowCount + rejectCount)
            }
            rowCount += other.rowCount
            rejectCount += other.rejectCount
            endsWithTotal = other.endsWithTotal
        }
    }

    /// Reads the records from `start` on, at most `rowLimit` of them.
    package func profile(
        _ chunk: TextChunk, from start: Int = 0, rowLimit: Int = .max
    ) -> Result {
        var result = Result(cellCount: cellCount)
        var splitter = RecordSplitter(chunk, dialect: dialect, from: start)
        let index = CellIndex(columnCount: cellCount)
        let text = UnsafeRawPointer(chunk.address)
        var rejects: [RejectedRecord] = []
        while !splitter.isAtEnd, result.rowCount < rowLimit {
            splitter.fill(index, rejects: &rejects)
            if dialect.trimsBlanks { index.trim(in: text) }
            let rowCount = min(index.rowCount, rowLimit - result.rowCount)
            let earlier = result.rowCount + result.rejectCount
            for column in 0..<cellCount {
                for row in 0..<rowCount {
                    let cell = index.cell(row, column)
                    if cell.byteCount == 0 || isNullText(cell, text) { continue }
                    result.columns[column].add(text + Int(cell.start), cell.byteCount, rules) {
                        // Rejected records count as rows of the file too.
                        let line = Int(index.record(row).line)
                        return earlier + row + 1 + rejects.count { $0.line < line }
                    }
                }
            }
            if rowCount > 0 { result.endsWithTotal = isTotal(index, row: rowCount - 1, text) }
            result.rowCount += rowCount
            result.rejectCount += rejects.count
            rejects.removeAll()
        }
        return result
    }

    private static let totals: Set<String> = [
        "total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt",
        "totale", "suma", "somme",
    ]

    private func isTotal(_ index: CellIndex, row: Int, _ text: UnsafeRawPointer) -> Bool {
        let cells = (0..<cellCount).lazy.map { index.cell(row, $0).trimmed(in: text) }
        guard cellCount > 1, let first = cells.first(where: { $0.byteCount > 0 }),
            first.byteCount <= 16
        else { return false }
        let word = String(decoding: first.bytes(in: text), as: UTF8.self).lowercased()
        return Self.totals.contains(word.hasSuffix(":") ? String(word.dropLast()) : word)
    }

    /// As `profile`, for text that goes on to the end of its file, where a quote that never ends
    /// costs the line it stands on and not what follows: as it does when the file is loaded.
    package func profileToEnd(
        _ chunk: TextChunk, from start: Int = 0, rowLimit: Int = .max
    ) -> Result {
        var result = Result(cellCount: cellCount)
        var rest = UnsafeRawBufferPointer(rebasing: chunk.text[start...])
        var cutCount = 0
        while cutCount < Self.cutLimit, result.rowCount < rowLimit {
            let whole = RecordCutter.wholeRecords(
                in: rest, delimiter: dialect.delimiter, quote: dialect.quote, isFinal: true)
            guard whole < rest.count else { break }
            let piece = TextChunk(UnsafeRawBufferPointer(rebasing: rest[..<whole]))
            result.merge(profile(piece, rowLimit: rowLimit - result.rowCount))
            rest = UnsafeRawBufferPointer(rebasing: rest[whole...])
            cutCount += 1
        }
        // Nothing was cut off, as in nearly every file.
        if cutCount == 0 { return profile(chunk, from: start, rowLimit: rowLimit) }
        if result.rowCount < rowLimit {
            result.merge(profile(TextChunk(rest), rowLimit: rowLimit - result.rowCount))
        }
        return result
    }

    /// Quotes without an end that are looked behind; a sample with more is none to learn from.
    private static let cutLimit = 64

    private func isNullText(_ cell: Cell, _ text: UnsafeRawPointer) -> Bool {
        !dialect.nullTexts.isEmpty && !cell.isQuoted
            && dialect.nullTexts.contains { cell.bytes(in: text).elementsEqual($0) }
    }
}
