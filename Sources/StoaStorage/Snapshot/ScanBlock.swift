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

    /// What is known of a column's rows; nil when nothing is (memtable rows).
    package func statistics(_ columnID: UInt32) -> BlockStatistics? {
        switch source {
        case .sealed(let segment, let index):
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
    /// - Throws: `corruptBlock` or `corruptSegment` when the filter's bytes are not what was
    ///   written.
    package func mayContain(_ columnID: UInt32, hash: UInt64) throws(StorageError) -> Bool {
        switch source {
        case .sealed(let segment, let index):
            try segment.mayContain(columnID: columnID, block: index, hash: hash)
        case .fresh: true
        }
    }

    /// Opens one column for reading. A column that is newer than the rows reads as NULL.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment` when the bytes are not what was written;
    ///   checked once per process and block.
    package func open(_ columnID: UInt32) throws(StorageError) -> ColumnReader {
        guard let type = schema.type(of: columnID) else {
            invariant(false, "a scan asks for columns of its table")
            return ColumnReader(absent: .bool, rowCount: rowCount)
        }
        switch source {
        case .sealed(let segment, let index):
            guard let reader = try segment.reader(columnID: columnID, block: index) else {
                return ColumnReader(absent: type, rowCount: rowCount)
            }
            return ColumnReader(reader, rowCount: rowCount)
        case .fresh(let memtable, let block):
            guard let reader = memtable.reader(columnID: columnID, block: block) else {
                return ColumnReader(absent: type, rowCount: rowCount)
            }
            return ColumnReader(reader, rowCount: rowCount)
        }
    }
}
