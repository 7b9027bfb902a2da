package import StoaBase
package import StoaModel

/// Rows of one table that are in the log but in no segment.
///
/// One thread appends; any number of threads read what snapshots show them. Rows stand in chunks
/// that never move, so a reader takes no lock on the row path. The list of chunks and the list of
/// (lsn, row count) grow under `lock`, which readers take once per query and table.
package final class Memtable: @unchecked Sendable {
    // SAFETY: `chunks`, `marks` and the counts change only under `lock`; the writer reads them
    // without it because only the writer changes them. Row bytes: see `MemtableChunk`.
    package let definition: TableDefinition
    private let limits: Limits
    private let layouts: [ColumnLayout]
    private let firstChunkRows: Int
    private let lock = Lock()
    private var chunks: [MemtableChunk] = []
    private var marks: [Mark] = []
    private var stringColumns: [StringColumn?]
    private var storedByteCount = 0
    /// Where its bytes are counted. Writer only.
    private let share: MemoryShare?
    private var total = 0

    /// After the batch with this number there are this many rows.
    private struct Mark {
        let lsn: UInt64
        let rowCount: Int
    }

    /// Rows of a batch that go to one chunk.
    private struct Piece {
        let chunk: MemtableChunk
        let chunkRow: Int
        let batchRow: Int
        let rowCount: Int
    }

    /// An empty memtable. `firstChunkRows` is 1,024 for tables that may stay small, and a whole
    /// block where many rows are known to come. Its bytes count in `memory` while it lives.
    package init(
        definition: TableDefinition, limits: Limits, firstChunkRows: Int? = nil,
        memory: MemoryBudget? = nil
    ) {
        limits.checkInvariants()
        share = memory.map { MemoryShare(of: $0) }
        self.definition = definition
        self.limits = limits
        self.firstChunkRows = min(limits.blockRows, firstChunkRows ?? Limits.vectorRows)
        layouts = definition.columns.map { ColumnLayout($0.type) }
        stringColumns = definition.columns.map { $0.type == .string ? StringColumn() : nil }
    }

    /// Rows that stand in one chunk already; it takes no batches.
    init(definition: TableDefinition, chunk: MemtableChunk, rowCount: Int) {
        self.definition = definition
        limits = Limits()
        share = nil
        firstChunkRows = Limits.vectorRows
        layouts = definition.columns.map { ColumnLayout($0.type) }
        stringColumns = []
        chunks = [chunk]
        marks = [Mark(lsn: 0, rowCount: rowCount)]
        total = rowCount
    }

    /// Rows of all batches.
    package var rowCount: Int { lock.withLock { total } }

    /// Bytes of memory held, for budgets.
    package var byteCount: Int { lock.withLock { storedByteCount } }

    /// The number of the first batch; 0 when there is none.
    package var firstLSN: UInt64 { lock.withLock { marks.first?.lsn ?? 0 } }

    /// The number of the last batch; 0 when there is none.
    package var lastLSN: UInt64 { lock.withLock { marks.last?.lsn ?? 0 } }

    /// Bytes that chunks for `rowCount` more rows would add. Text is not in it, whose bytes are
    /// those of its batch. Writer only.
    package func growthByteCount(adding rowCount: Int) -> Int {
        let rowByteCount = definition.columns.indices.reduce(0) { byteCount, index in
            byteCount + layouts[index].valueByteCount
                + (definition.columns[index].isNullable ? 1 : 0)
        }
        let before = chunks.last.map { $0.startRow + $0.capacity } ?? 0
        var end = before
        while end - total < rowCount { end += nextCapacity(after: end) }
        let added = end - before
        return added * rowByteCount
    }

    /// Rows of the batches up to and including `lsn`.
    package func rowCount(upTo lsn: UInt64) -> Int {
        lock.withLock { () -> Int in
            var low = 0
            var high = marks.count
            while low < high {
                let middle = (low + high) / 2
                if marks[middle].lsn <= lsn { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? 0 : marks[low - 1].rowCount
        }
    }

    /// The number of the batch that row belongs to.
    package func lsn(ofRow row: Int) -> UInt64 {
        lock.withLock { () -> UInt64 in
            invariant(row >= 0 && row < total, "the row is in the memtable")
            var low = 0
            var high = marks.count - 1
            while low < high {
                let middle = (low + high) / 2
                if marks[middle].rowCount > row { high = middle } else { low = middle + 1 }
            }
            return marks[low].lsn
        }
    }

    /// Adds the rows of a batch that was admitted against this memtable's columns. Writer only.
    /// The rows are visible to snapshots of `lsn` and later.
    package func append(_ admitted: AdmittedBatch, lsn: UInt64) {
        append(admitted, rows: 0..<admitted.rowCount, lsn: lsn)
    }

    /// Checks a batch and adds its rows.
    ///
    /// - Throws: as `BatchAdmission.check`; nothing has changed then.
    package func append(_ batch: RowBatch, lsn: UInt64) throws(StorageError) {
        append(try BatchAdmission.check(batch, against: definition), lsn: lsn)
    }

    /// Adds some rows of a batch. Writer only.
    func append(_ admitted: AdmittedBatch, rows: Range<Int>, lsn: UInt64) {
        invariant(
            admitted.definition.columns == definition.columns, "a batch meets its own table")
        invariant(lsn >= (marks.last?.lsn ?? 0), "batches come in the order of their numbers")
        var mustStart = beginBatch(admitted, rows: rows)
        var batchRow = rows.lowerBound
        while batchRow < rows.upperBound {
            let end = total + batchRow - rows.lowerBound
            let chunk = chunk(forRow: end, mustStart: mustStart)
            mustStart = false
            let chunkRow = end - chunk.startRow
            let piece = Piece(
                chunk: chunk, chunkRow: chunkRow, batchRow: batchRow,
                rowCount: min(rows.upperBound - batchRow, chunk.capacity - chunkRow))
            for index in definition.columns.indices {
                copy(admitted.sources[index].map { admitted.batch.columns[$0] }, index, piece)
            }
            batchRow += piece.rowCount
        }
        for column in stringColumns { column?.publish() }
        let stringByteCount = stringColumns.reduce(0) { $0 + ($1?.memoryByteCount ?? 0) }
        lock.withLock {
            total += rows.count
            marks.append(Mark(lsn: lsn, rowCount: total))
            storedByteCount = chunks.reduce(stringByteCount) { $0 + $1.byteCount }
        }
        share?.set(storedByteCount)
    }

    /// The visible rows of the first `rowCount`, chunk by chunk.
    func blocks(rowCount visible: Int) -> [MemtableBlock] {
        lock.withLock { () -> [MemtableBlock] in
            invariant(visible <= total, "only appended rows are visible")
            var blocks: [MemtableBlock] = []
            for (index, chunk) in chunks.enumerated() where chunk.startRow < visible {
                let end = index + 1 < chunks.count ? chunks[index + 1].startRow : total
                blocks.append(
                    MemtableBlock(
                        chunk: chunk, rowCount: min(end, visible) - chunk.startRow))
            }
            return blocks
        }
    }
}

// MARK: - Writing

extension Memtable {
    /// Tells the string columns what comes; true when one asks for a new chunk before it.
    private func beginBatch(_ admitted: AdmittedBatch, rows: Range<Int>) -> Bool {
        var mustStart = false
        for (index, column) in stringColumns.enumerated() {
            guard let column, let source = admitted.sources[index] else { continue }
            if column.beginBatch(admitted.batch.columns[source], rows: rows) { mustStart = true }
        }
        return mustStart
    }

    /// The chunk that the next row goes to; a new one when the last is full.
    private func chunk(forRow row: Int, mustStart: Bool) -> MemtableChunk {
        if let last = chunks.last, !mustStart, row < last.startRow + last.capacity { return last }
        return addChunk(startRow: row)
    }

    private func addChunk(startRow: Int) -> MemtableChunk {
        let capacity = nextCapacity(after: startRow)
        let columns = definition.columns.indices.map { index in
            makeColumn(index, capacity: capacity)
        }
        let chunk = MemtableChunk(startRow: startRow, capacity: capacity, columns: columns)
        lock.withLock { chunks.append(chunk) }
        return chunk
    }

    /// Rows of the chunk that begins at a row: as many as stand before it, so that chunks double
    /// and each of them lies within one block.
    private func nextCapacity(after row: Int) -> Int {
        let doubled = row == 0 ? 0 : 1 << (Int.bitWidth - 1 - row.leadingZeroBitCount)
        return min(limits.blockRows, max(firstChunkRows, doubled))
    }

    private func makeColumn(_ index: Int, capacity: Int) -> MemtableChunk.Column {
        let layout = layouts[index]
        let strings = stringColumns[index]?.chunkStrings()
        let isPlain = strings?.plainStart != nil
        return MemtableChunk.Column(
            layout: layout,
            values: HeapBytes(byteCount: isPlain ? 0 : capacity * layout.valueByteCount),
            validity: definition.columns[index].isNullable ? HeapBytes(byteCount: capacity) : nil,
            strings: strings?.store, plainStart: strings?.plainStart)
    }

    /// Validity and numbers of one column and one piece; a missing column stays zero: null.
    private func copy(_ source: BatchColumn?, _ index: Int, _ piece: Piece) {
        let column = piece.chunk.columns[index]
        guard let source else {
            if column.plainStart != nil { stringColumns[index]?.appendEmpty(piece.rowCount) }
            return
        }
        func rows(to target: UnsafeMutableRawPointer) -> ColumnCopy.Rows {
            ColumnCopy.Rows(
                column: source, first: piece.batchRow, count: piece.rowCount, target: target)
        }
        if let validity = column.validity {
            ColumnCopy.validity(rows(to: validity.address + piece.chunkRow))
        }
        let target = column.values.address + piece.chunkRow * column.layout.valueByteCount
        switch column.layout.kind {
        case .integers(let lane, let base):
            ColumnCopy.integers(rows(to: target), lane: lane, base: base)
        case .float32: ColumnCopy.floats(rows(to: target), isWide: false)
        case .float64: ColumnCopy.floats(rows(to: target), isWide: true)
        case .strings:
            appendStrings(source, index, piece)
        }
    }

    private func appendStrings(_ source: BatchColumn, _ index: Int, _ piece: Piece) {
        guard let strings = stringColumns[index] else { return }
        let column = piece.chunk.columns[index]
        let rows = piece.batchRow..<piece.batchRow + piece.rowCount
        if column.plainStart != nil {
            strings.appendPlain(source, rows: rows)
        } else {
            let codes = column.values.address.assumingMemoryBound(to: UInt32.self)
            strings.appendCodes(source, rows: rows, to: codes + piece.chunkRow)
        }
    }
}

// MARK: - Reading

extension Memtable {
    /// A reader of one column of visible rows; nil when the column is newer than the rows.
    func reader(columnID: UInt32, block: MemtableBlock) -> MemtableColumnReader? {
        definition.columns.firstIndex { $0.id == columnID }.map {
            MemtableColumnReader(block, columnIndex: $0)
        }
    }

    /// Bytes that reading one column of these rows touches, without its strings.
    func byteCount(columnID: UInt32, block: MemtableBlock) -> Int {
        guard let index = definition.columns.firstIndex(where: { $0.id == columnID }) else {
            return 0
        }
        let isNullable = definition.columns[index].isNullable
        return block.rowCount * (layouts[index].valueByteCount + (isNullable ? 1 : 0))
    }
}
