internal import StoaBase

/// Where one cell lies in its chunk, without its quotes.
package struct Cell: Sendable {
    let start: UInt32
    /// The length in 30 bits, `quotedFlag`, `doubledFlag`.
    private let tail: UInt32

    private static let quotedFlag: UInt32 = 1 << 30
    private static let doubledFlag: UInt32 = 1 << 31

    @inline(__always)
    init(start: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        tail = UInt32(truncatingIfNeeded: end &- start)
    }

    init(quotedStart start: Int, end: Int, hasDoubledQuotes: Bool) {
        self.start = UInt32(truncatingIfNeeded: start)
        tail =
            UInt32(truncatingIfNeeded: end &- start) | Self.quotedFlag
            | (hasDoubledQuotes ? Self.doubledFlag : 0)
    }

    @inline(__always)
    var byteCount: Int { Int(tail & (Self.quotedFlag - 1)) }
    @inline(__always)
    var isQuoted: Bool { tail & Self.quotedFlag != 0 }
    /// Whether a quote in the value is still written as two.
    @inline(__always)
    var hasDoubledQuotes: Bool { tail & Self.doubledFlag != 0 }
    /// No text and no quotes.
    @inline(__always)
    var isEmpty: Bool { tail == 0 }

    /// The cell without the blanks around its text.
    func trimmed(in text: UnsafeRawPointer) -> Cell {
        let inner = StoaText.trimmed(text + Int(start), byteCount)
        let innerStart = inner.start - text
        if isQuoted {
            return Cell(
                quotedStart: innerStart, end: innerStart + inner.count,
                hasDoubledQuotes: hasDoubledQuotes)
        }
        return Cell(start: innerStart, end: innerStart + inner.count)
    }

    /// The cell's bytes; doubled quotes are still doubled.
    @inline(__always)
    func bytes(in text: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text + Int(start), count: byteCount)
    }

    /// The cell's value, with doubled quotes made single.
    func value(in text: UnsafeRawPointer, quote: UInt8?) -> [UInt8] {
        guard hasDoubledQuotes else { return [UInt8](bytes(in: text)) }
        var value: [UInt8] = []
        var isSecond = false
        for byte in bytes(in: text) {
            isSecond = byte == quote && !isSecond
            if !isSecond { value.append(byte) }
        }
        return value
    }
}

/// The cells of some consecutive records of a chunk, all with the same number of cells.
final class CellIndex {
    let columnCount: Int
    /// How many rows fit.
    let rowLimit: Int
    private(set) var rowCount = 0
    /// `rowCount` × `columnCount` cells, row by row.
    let cells: UnsafeMutablePointer<Cell>
    /// What each row was cut from.
    private let records: UnsafeMutablePointer<Record>

    /// A record's place in its chunk.
    struct Record {
        var start: UInt32
        var end: UInt32
        /// Lines before it in the chunk.
        var line: UInt32
    }

    init(columnCount: Int) {
        invariant(columnCount > 0, "a record has at least one cell")
        self.columnCount = columnCount
        // About a quarter of a megabyte of cells: they stay in the second-level cache.
        rowLimit = min(1_024, max(16, 32_768 / columnCount))
        cells = .allocate(capacity: rowLimit * columnCount)
        records = .allocate(capacity: rowLimit)
        cells.initialize(repeating: Cell(start: 0, end: 0), count: rowLimit * columnCount)
        records.initialize(repeating: Record(start: 0, end: 0, line: 0), count: rowLimit)
    }

    deinit {
        cells.deallocate()
        records.deallocate()
    }

    func removeAll() { rowCount = 0 }

    /// The cells of the next row, to be written before `append`.
    @inline(__always)
    var nextRow: UnsafeMutablePointer<Cell> { cells + rowCount &* columnCount }

    /// The row whose cells were written is one of the index.
    func append(_ record: Record) {
        invariant(rowCount < rowLimit, "the index has room for the row")
        records[rowCount] = record
        rowCount += 1
    }

    func record(_ row: Int) -> Record {
        invariant(row >= 0 && row < rowCount, "a row lies in its index")
        return records[row]
    }

    @inline(__always)
    func cell(_ row: Int, _ column: Int) -> Cell { cells[row &* columnCount &+ column] }

    /// Takes the blanks around all cells away.
    func trim(in text: UnsafeRawPointer) {
        for position in 0..<rowCount * columnCount {
            cells[position] = cells[position].trimmed(in: text)
        }
    }

    /// Takes the rows out for which `isRemoved` is true.
    func remove(where isRemoved: (Int) -> Bool) {
        var kept = 0
        for row in 0..<rowCount where !isRemoved(row) {
            if kept != row {
                records[kept] = records[row]
                for column in 0..<columnCount {
                    cells[kept * columnCount + column] = cells[row * columnCount + column]
                }
            }
            kept += 1
        }
        rowCount = kept
    }
}
