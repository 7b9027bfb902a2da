internal import StoaBase
internal import StoaModel

extension SparseNode {
    /// The frequent value answers for nearly all rows, and each exception for itself.
    func filterExceptions(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        let topPasses = test.passes(top)
        for index in 0..<rows.vectorCount {
            let part = rows.vector(index)
            if part.isEmpty { continue }
            let vector = part.firstVector
            let exceptions = self.rows.range(ofVectors: vector..<vector + 1)
            if topPasses {
                for exception in exceptions where !test.passes(values.value(exception)) {
                    let row = self.rows.row(exception) - part.firstRow
                    if row < part.rowCount { part.clear(row..<row + 1) }
                }
            } else {
                keep(exceptions, of: part, test)
            }
        }
    }

    /// Keeps the exceptions in question that pass, and nothing else of one vector.
    private func keep(_ exceptions: Range<Int>, of part: FilteredRows, _ test: NumberTest) {
        var next = 0
        for exception in exceptions where test.passes(values.value(exception)) {
            let row = rows.row(exception) - part.firstRow
            guard row < part.rowCount else { break }
            part.clear(next..<row)
            next = row + 1
        }
        part.clear(next..<part.rowCount)
    }
}
