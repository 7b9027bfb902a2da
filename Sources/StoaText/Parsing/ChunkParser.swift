internal import StoaBase
internal import StoaModel

/// What one chunk of a file became.
package struct ParsedChunk: Sendable {
    /// An encoded `RowBatch` and the number of its rows.
    package struct Batch: Sendable {
        package var rowCount: Int
        package var bytes: [UInt8]
    }

    /// In the order of the file; none when a mismatch stopped the parsing.
    package var batches: [Batch] = []
    /// Lines are counted from the chunk's start, from 0.
    package var rejects: [RejectedRecord] = []
    package var rowCount = 0
    /// Comments and repeated headers that were passed over.
    package var passedRecordCount = 0
    /// Lines before the last row's in the chunk; nil when there is none.
    package var lastRowLine: Int?
    /// Line ends in the chunk, those in quotes included.
    package var lineCount = 0
    /// A value was none of its column's type, and the plan said to stop there.
    package var hasMismatch = false

    package init() {}
}

/// Turns chunks of delimited text into batches. One thread uses a parser at a time; parsers of
/// the same plan work side by side, because a chunk holds whole records.
///
/// A block of records is first cut into cells, then each column is read from top to bottom with
/// the loop of its type. A row with a bad value is found only then: the block is taken back, the
/// row removed from the index, and the block read again. That is slow and rare.
package final class ChunkParser: @unchecked Sendable {
    // SAFETY: the owner hands a parser from thread to thread, never to two at once.
    private let plan: ParsePlan
    private let index: CellIndex
    private let columns: [ColumnBuffer]
    private let faults = RowFaults()

    package init(_ plan: ParsePlan) {
        self.plan = plan
        index = CellIndex(columnCount: plan.cellCount)
        columns = plan.columns.map { ColumnBuffer(name: $0.name, type: $0.type) }
    }

    /// Reads a chunk of whole records.
    package func parse(_ chunk: TextChunk) -> ParsedChunk {
        var splitter = RecordSplitter(chunk, dialect: plan.dialect)
        let isValidUTF8 = UTF8Check.isValid(chunk.text)
        var result = ParsedChunk()
        columns.forEach { $0.removeAll() }
        while !splitter.isAtEnd {
            splitter.fill(index, rejects: &result.rejects)
            if plan.dialect.trimsBlanks { index.trim(in: UnsafeRawPointer(chunk.address)) }
            guard appendBlock(chunk, isValidUTF8: isValidUTF8, rejects: &result.rejects) else {
                result.batches = []
                result.hasMismatch = true
                return result
            }
            if index.rowCount > 0 {
                result.lastRowLine = Int(index.record(index.rowCount - 1).line)
            }
            let rowCount = columns.first?.rowCount ?? 0
            if rowCount + index.rowLimit > plan.batchRowLimit
                || columns.reduce(0, { $0 + $1.byteCount }) >= plan.batchByteLimit
            {
                flush(into: &result)
            }
        }
        flush(into: &result)
        result.lineCount = splitter.line
        result.passedRecordCount = splitter.passedRecordCount
        result.rejects.sort { $0.line < $1.line }
        return result
    }

    /// Appends the index's rows to the columns; false when a mismatch stops the parsing.
    private func appendBlock(
        _ chunk: TextChunk, isValidUTF8: Bool, rejects: inout [RejectedRecord]
    ) -> Bool {
        faults.removeAll()
        checkEmptyPositions(UnsafeRawPointer(chunk.address))
        appendColumns(chunk, isValidUTF8: isValidUTF8)
        if faults.isEmpty { return true }
        if plan.stopsAtMismatch, faults.hasMismatch { return false }
        for (row, reason) in faults.reasons {
            let record = index.record(row)
            let range = Int(record.start)..<Int(record.end)
            rejects.append(
                RejectedRecord(
                    line: Int(record.line), reason: reason,
                    text: UnsafeRawBufferPointer(rebasing: chunk.text[range])))
        }
        columns.forEach { $0.rollBack() }
        index.remove { faults.reasons[$0] != nil }
        faults.removeAll()
        appendColumns(chunk, isValidUTF8: isValidUTF8)
        invariant(faults.isEmpty, "what is left of a block was read before")
        return true
    }

    private func checkEmptyPositions(_ text: UnsafeRawPointer) {
        for position in plan.emptyPositions {
            for row in 0..<index.rowCount
            where index.cell(row, position).trimmed(in: text).byteCount > 0 {
                // No wider type would take it.
                faults.note(row, "a value in column \(position + 1), which has no name")
            }
        }
    }

    private func appendColumns(_ chunk: TextChunk, isValidUTF8: Bool) {
        for (column, buffer) in zip(plan.columns, columns) {
            buffer.append(
                CellSource(
                    index: index, text: UnsafeRawPointer(chunk.address), column: column.position,
                    nullTexts: plan.dialect.nullTexts, quote: plan.dialect.quote,
                    isValidUTF8: isValidUTF8, isNullable: column.isNullable,
                    reading: column.reading, faults: faults))
        }
    }

    private func flush(into result: inout ParsedChunk) {
        let rowCount = columns.first?.rowCount ?? 0
        guard rowCount > 0 else { return }
        let bytes = RowBatch.assemble(columns.map(\.buffers), rowCount: rowCount)
        result.batches.append(ParsedChunk.Batch(rowCount: rowCount, bytes: bytes))
        result.rowCount += rowCount
        columns.forEach { $0.removeAll() }
    }
}
