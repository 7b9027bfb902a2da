internal import StoaBase
package import StoaModel

/// Up to 65,536 rows of one table, all columns: what a worker takes at a time.
package struct ScanBlock: Sendable {
    private enum Source {
        case sealed(Segment, index: Int)
        case fresh(Memtable, MemtableBlock)
    }

    private let source: Source
    private let schema: TableSchema
    package let rowCount: Int

    init(segment: Segment, index: Int, schema: TableSchema) {
        source = .sealed(segment, index: index)
        self.schema = schema
        rowCount = segment.footer.rowCount(ofBlock: index)
    }

    init(memtable: Memtable, block: MemtableBlock, schema: TableSchema) {
        source = .fresh(memtable, block)
        self.schema = schema
        rowCount = block.rowCount
    }

    /// The segment that has the rows; nil for rows of a memtable.
    var segment: Segment? {
        if case .sealed(let segment, _) = source { segment } else { nil }
    }

    /// Whether the rows are in a segment file.
    package var isSealed: Bool {
        if case .sealed = source { true } else { false }
    }

    /// Bytes that reading one column of this block touches: encoded ones of a sealed block, the
    /// memtable's own otherwise.
    package func encodedByteCount(_ columnID: UInt32) -> Int {
        switch source {
        case .sealed(let segment, let index):
            segment.encodedByteCount(columnID: columnID, block: index)
        case .fresh(let memtable, let block):
            memtable.byteCount(columnID: columnID, block: block)
        }
    }

    /// Bytes of all columns.
    package var encodedByteCount: Int {
        schema.columnIDs.reduce(0) { $0 + encodedByteCount($1) }
    }

    /// What is known of a column's rows; nil when nothing is: of rows of a memtable, or of a
    /// segment that cannot be read.
    package func statistics(_ columnID: UInt32) -> BlockStatistics? {
        switch source {
        case .sealed(let segment, let index):
            if segment.loss != nil { return nil }
            if let known = segment.statistics(columnID: columnID, block: index) { return known }
            return BlockStatistics(rowCount: rowCount, nullCount: rowCount, bounds: .none)
        case .fresh:
            return nil
        }
    }

    /// The least and greatest position in the segment's dictionary; nil when the column has no
    /// dictionary here or no value.
    package func codeBounds(_ columnID: UInt32) -> ClosedRange<UInt32>? {
        switch source {
        case .sealed(let segment, let index):
            segment.codeBounds(columnID: columnID, block: index)
        case .fresh: nil
        }
    }

    /// The strings that a column's codes stand for; empty when the rows have no such column, nil
    /// when they hold plain strings. Reads no row.
    package func dictionary(_ columnID: UInt32) throws(StorageError) -> StringDictionary? {
        switch source {
        case .sealed(let segment, let index):
            if let loss = segment.loss { throw loss }
            guard segment.statistics(columnID: columnID, block: index) != nil else {
                return StringDictionary([], isSorted: true)
            }
            return try segment.dictionary(columnID: columnID)
        case .fresh(let memtable, let block):
            guard let reader = memtable.reader(columnID: columnID, block: block) else {
                return StringDictionary([], isSorted: true)
            }
            return reader.codeDictionary
        }
    }

    /// Whether a row may hold a value with that hash (`BlockFilter.hash`); true when the block has
    /// no filter.
    ///
    /// A filter whose bytes are not what was written decides nothing: the rows are read instead.
    package func mayContain(
        _ columnID: UInt32, hash: UInt64, _ reads: ReadGuard = ReadGuard()
    ) -> Bool {
        guard case .sealed(let segment, let index) = source else { return true }
        return segment.mayContain(columnID: columnID, block: index, hash: hash, reads)
    }

    /// The error for numbers that are not what the statistics of their block say.
    package func contradiction(_ columnID: UInt32) -> StorageError {
        guard let segment, case .sealed(_, let index) = source else {
            return .corruptSegment(path: "", byteOffset: 0, reason: "rows contradict each other")
        }
        return .corruptSegment(
            path: segment.path, byteOffset: 0,
            reason: "block \(index) of column \(segment.columnName(columnID)) does not have the "
                + "values that its statistics say")
    }

    /// Opens one column for reading. A column that is newer than the rows reads as NULL.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment` when the bytes are not what was written, as
    ///   far as is known now; `reads` knows at the end.
    package func open(
        _ columnID: UInt32, _ reads: ReadGuard = ReadGuard()
    ) throws(StorageError) -> ColumnReader {
        guard let type = schema.type(of: columnID) else {
            invariant(false, "a scan asks for columns of its table")
            return ColumnReader(absent: .bool, rowCount: rowCount)
        }
        switch source {
        case .sealed(let segment, let index):
            if let loss = segment.loss { throw loss }
            if let position = segment.position(of: columnID) {
                reads.willRead(.init(column: position, block: index), of: segment)
            }
            guard let reader = try segment.reader(columnID: columnID, block: index) else {
                return ColumnReader(absent: type, rowCount: rowCount)
            }
            var bounds: ClosedRange<Int128>?
            let known = segment.statistics(columnID: columnID, block: index)?.bounds
            if case .integers(let low, let high) = known { bounds = low...high }
            return ColumnReader(reader, rowCount: rowCount, type: type, bounds: bounds)
        case .fresh(let memtable, let block):
            guard let reader = memtable.reader(columnID: columnID, block: block) else {
                return ColumnReader(absent: type, rowCount: rowCount)
            }
            return ColumnReader(reader, rowCount: rowCount)
        }
    }
}
