internal import StoaBase

/// Looks at every value of a chunk without keeping any.
package struct ChunkProfiler: Sendable {
    private let dialect: Dialect
    private let cellCount: Int

    package init(dialect: Dialect, cellCount: Int) {
        self.dialect = dialect
        self.cellCount = cellCount
    }

    /// What a chunk of whole records shows.
    package struct Result: Sendable {
        /// One per cell of a record.
        package var columns: [ColumnProfile]
        package var rowCount = 0
        package var rejectCount = 0

        package init(cellCount: Int) {
            columns = Array(repeating: ColumnProfile(), count: cellCount)
        }

        /// Takes in what another part of the file showed.
        package mutating func merge(_ other: Result) {
            for (position, profile) in other.columns.enumerated() where position < columns.count {
                columns[position].merge(profile)
            }
            rowCount += other.rowCount
            rejectCount += other.rejectCount
        }
    }

    /// Reads the records from `start` on, at most `rowLimit` of them.
    package func profile(
        _ chunk: TextChunk, from start: Int = 0, rowLimit: Int = .max
    ) -> Result {
        var result = Result(cellCount: cellCount)
        var splitter = RecordSplitter(chunk, delimiter: dialect.delimiter, from: start)
        let index = CellIndex(columnCount: cellCount)
        let text = UnsafeRawPointer(chunk.address)
        var rejects: [RejectedRecord] = []
        while !splitter.isAtEnd, result.rowCount < rowLimit {
            splitter.fill(index, rejects: &rejects)
            let rowCount = min(index.rowCount, rowLimit - result.rowCount)
            for column in 0..<cellCount {
                for row in 0..<rowCount {
                    let cell = index.cell(row, column)
                    if cell.byteCount == 0 || isNullText(cell, text) { continue }
                    result.columns[column].add(text + Int(cell.start), cell.byteCount)
                }
            }
            result.rowCount += rowCount
            result.rejectCount += rejects.count
            rejects.removeAll()
        }
        return result
    }

    private func isNullText(_ cell: Cell, _ text: UnsafeRawPointer) -> Bool {
        !dialect.nullTexts.isEmpty && !cell.isQuoted
            && dialect.nullTexts.contains { cell.bytes(in: text).elementsEqual($0) }
    }
}
