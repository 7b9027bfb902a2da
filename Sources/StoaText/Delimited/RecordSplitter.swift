/// Walks over the records of a chunk and notes where their cells are.
///
/// RFC 4180, and besides: lines end in LF, CR LF or CR alone, in any mixture; the last may have
/// no end; a quote that is not at the start of its cell is an ordinary character. A record that
/// has another number of cells, text behind a closing quote or a quote that never closes is
/// rejected, and the next one is read; a quote that never closes costs the line that its record
/// begins with. Empty lines are passed over, except in a file of one
/// column, where they are rows without a value. Comments and records that repeat the header are
/// passed over and counted.
struct RecordSplitter {
    private let chunk: TextChunk
    private let text: UnsafeRawPointer
    private let count: Int
    private let delimiter: UInt8
    /// No byte where there are no quotes.
    private let quote: Int
    private let comment: UInt8?
    private let header: [UInt8]
    /// Comments and repeated headers passed so far.
    private(set) var passedRecordCount = 0
    private(set) var position = 0
    /// Line ends passed so far, those in quotes included.
    private(set) var line = 0
    /// Of a regular text: no cell needs to be searched for its end, and none has a fault.
    private let structure: TextStructure?

    /// - Parameter start: where the first record begins, for a chunk with a byte order mark.
    init(_ chunk: TextChunk, dialect: Dialect, from start: Int = 0) {
        self.chunk = chunk
        text = UnsafeRawPointer(chunk.address)
        count = chunk.count
        delimiter = dialect.delimiter
        quote = dialect.quote.map(Int.init) ?? -1
        comment = dialect.comment
        header = dialect.headerText
        position = min(start, count)
        let known = chunk.structure
        let isKnown =
            known?.delimiter == dialect.delimiter && known?.quote == dialect.quote
            && known?.holds(for: count) == true
        // Quotes in a comment mean nothing, and the structure does not know that.
        structure = isKnown && comment == nil ? known : nil
    }

    var isAtEnd: Bool { position >= count }

    /// Long records fill a block before its rows do, so that a batch fits a frame.
    private static let blockByteLimit = 1 << 20

    /// Fills `index` with the next rows until it is full or the chunk ends.
    mutating func fill(_ index: CellIndex, rejects: inout [RejectedRecord]) {
        index.removeAll()
        if let structure { return fillRegular(index, structure, rejects: &rejects) }
        let end = min(count, position + Self.blockByteLimit)
        while index.rowCount < index.rowLimit, position < end {
            if index.columnCount > 1, isLineEnd(byte(position)) {
                passLineEnd()
                continue
            }
            if passComment() { continue }
            let start = position
            let firstLine = line
            let found = splitRecord(into: index.nextRow, limit: index.columnCount)
            if found.fault == Self.unclosed { returnToLineEnd(start, line: firstLine) }
            let end = position
            passLineEnd()
            if isHeader(start, end) { continue }
            if found.fault == nil, found.cellCount == index.columnCount {
                index.append(
                    CellIndex.Record(
                        start: UInt32(truncatingIfNeeded: start),
                        end: UInt32(truncatingIfNeeded: end),
                        line: UInt32(truncatingIfNeeded: firstLine)))
            } else {
                let reason =
                    found.fault
                    ?? RejectedRecord.otherShape(found.cellCount, wanted: index.columnCount)
                rejects.append(
                    RejectedRecord(
                        line: firstLine, reason: reason,
                        text: UnsafeRawBufferPointer(rebasing: chunk.text[start..<end])))
            }
        }
    }

    private static let unclosed = "a quoted value that never ends"

    /// A quote that never closes costs its own line, and not the rest of the file.
    private mutating func returnToLineEnd(_ start: Int, line firstLine: Int) {
        position = start
        line = firstLine
        while position < count, !isLineEnd(byte(position)) { position += 1 }
    }

    /// Passes over empty lines and comments.
    mutating func skipEmptyLines() {
        while position < count {
            if isLineEnd(byte(position)) { passLineEnd() } else if !passComment() { return }
        }
    }

    /// Passes over `lineCount` lines, whatever is in them.
    mutating func skipLines(_ lineCount: Int) {
        let end = line + lineCount
        while position < count, line < end {
            while position < count, !isLineEnd(byte(position)) { position += 1 }
            passLineEnd()
        }
    }

    /// The cells of the next record, however many; for headers and samples. nil at the end.
    mutating func nextRecord(cellLimit: Int) -> (cells: [Cell], fault: String?)? {
        skipEmptyLines()
        guard position < count else { return nil }
        let start = position
        let firstLine = line
        var found = (cellCount: 0, fault: String?.none)
        let cells = [Cell](unsafeUninitializedCapacity: cellLimit) { buffer, initializedCount in
            guard let base = buffer.baseAddress else { return }
            found = splitRecord(into: base, limit: cellLimit)
            initializedCount = min(found.cellCount, cellLimit)
        }
        if found.fault == Self.unclosed { returnToLineEnd(start, line: firstLine) }
        passLineEnd()
        return (cells, found.fault)
    }

    /// Reads up to the record's end and stores the first `limit` cells. Afterwards `position` is
    /// at the line end or the end of the chunk.
    @inline(__always)
    private mutating func splitRecord(
        into row: UnsafeMutablePointer<Cell>, limit: Int
    ) -> (cellCount: Int, fault: String?) {
        let delimiters = WordSearch.spread(delimiter)
        let lineFeeds = WordSearch.spread(Dialect.lineFeed)
        let returns = WordSearch.spread(Dialect.carriageReturn)
        var cellCount = 0
        var fault: String?
        while true {
            let cell: Cell
            let start = position
            if Int(byte(start)) == quote, start < count {
                cell = quotedCell(&fault)
            } else {
                // The padding behind the chunk makes the last load legal.
                var cursor = start
                while cursor < count {
                    let word = WordSearch.load(text + cursor)
                    let found =
                        WordSearch.zeroBytes(word ^ delimiters)
                        | WordSearch.zeroBytes(word ^ lineFeeds)
                        | WordSearch.zeroBytes(word ^ returns)
                    if found != 0 {
                        cursor &+= found.trailingZeroBitCount >> 3
                        break
                    }
                    cursor &+= 8
                }
                position = min(cursor, count)
                cell = Cell(start: start, end: position)
            }
            if cellCount < limit { row[cellCount] = cell }
            cellCount &+= 1
            guard position < count, byte(position) == delimiter else {
                return (cellCount, fault)
            }
            position &+= 1
        }
    }

    /// As `fill`, where the ends of all cells are known.
    private mutating func fillRegular(
        _ index: CellIndex, _ structure: TextStructure, rejects: inout [RejectedRecord]
    ) {
        let blockEnd = min(count, position + Self.blockByteLimit)
        let columnCount = index.columnCount
        var ends = CellEnds(structure, from: position, count: count)
        var row = index.nextRow
        while index.rowCount < index.rowLimit, position < blockEnd {
            if columnCount > 1, isLineEnd(byte(position)) {
                ends.skip()
                let start = position
                passLineEnd()
                // CR LF are two ends of cells and one of a line.
                if position &- start > 1 { ends.skip() }
                continue
            }
            let start = position
            let found = cutRecord(&ends, structure, into: row, limit: columnCount)
            let firstLine = line
            let end = position
            passLineEnd()
            if position &- end > 1 { ends.skip() }
            if isHeader(start, end) { continue }
            if found == columnCount {
                index.append(
                    CellIndex.Record(
                        start: UInt32(truncatingIfNeeded: start),
                        end: UInt32(truncatingIfNeeded: end),
                        line: UInt32(truncatingIfNeeded: firstLine)))
                row += columnCount
            } else {
                rejects.append(
                    RejectedRecord(
                        line: firstLine,
                        reason: RejectedRecord.otherShape(found, wanted: columnCount),
                        text: UnsafeRawBufferPointer(rebasing: chunk.text[start..<end])))
            }
        }
    }

    /// Notes the cells of the record at `position` and leaves that at the record's end; how many
    /// there are.
    @inline(__always)
    private mutating func cutRecord(
        _ ends: inout CellEnds, _ structure: TextStructure,
        into row: UnsafeMutablePointer<Cell>, limit: Int
    ) -> Int {
        var cellCount = 0
        var start = position
        while true {
            let end = ends.next()
            if cellCount < limit {
                // A quote that opens a regular cell has its partner at the cell's end.
                if Int(byte(start)) == quote, start < end {
                    row[cellCount] = Cell(
                        quotedStart: start &+ 1, end: end &- 1,
                        hasDoubledQuotes: structure.hasDoubledQuotes
                            && holdsQuote(start &+ 1..<end &- 1))
                } else {
                    row[cellCount] = Cell(start: start, end: end)
                }
            }
            cellCount &+= 1
            guard end < count, byte(end) == delimiter else {
                position = end
                return cellCount
            }
            start = end &+ 1
        }
    }

    /// The ends of cells one after the other.
    private struct CellEnds {
        private let ends: UnsafePointer<UInt64>
        private let count: Int
        private var word: Int
        private var bits: UInt64

        init(_ structure: TextStructure, from position: Int, count: Int) {
            ends = UnsafePointer(structure.ends)
            self.count = count
            word = position &>> 6
            bits = ends[word] & (UInt64.max &<< UInt64(truncatingIfNeeded: position & 63))
        }

        /// The next end; that of the text when there is none.
        @inline(__always)
        mutating func next() -> Int {
            while bits == 0 {
                if word == count &>> 6 { return count }
                word &+= 1
                bits = ends[word]
            }
            let end = word &<< 6 &+ bits.trailingZeroBitCount
            bits &= bits &- 1
            return min(count, end)
        }

        /// Passes over one end.
        mutating func skip() { _ = next() }
    }

    /// Passes over the line at `position` if it is a comment.
    private mutating func passComment() -> Bool {
        guard let comment, position < count, byte(position) == comment else { return false }
        while position < count, !isLineEnd(byte(position)) { position += 1 }
        passLineEnd()
        passedRecordCount += 1
        return true
    }

    /// Whether a record is the header once more, which is then counted.
    @inline(__always)
    private mutating func isHeader(_ start: Int, _ end: Int) -> Bool {
        guard end &- start == header.count, !header.isEmpty else { return false }
        return isHeaderText(start)
    }

    private mutating func isHeaderText(_ start: Int) -> Bool {
        let record = UnsafeRawBufferPointer(start: text + start, count: header.count)
        guard record.elementsEqual(header) else { return false }
        passedRecordCount += 1
        return true
    }

    private func holdsQuote(_ range: Range<Int>) -> Bool {
        WordSearch.first(UInt8(quote), in: chunk.text, range) < range.upperBound
    }

    /// A cell that begins with a quote. Leaves `position` at what ends it.
    private mutating func quotedCell(_ fault: inout String?) -> Cell {
        let start = position + 1
        var cursor = start
        var hasDoubledQuotes = false
        while true {
            cursor = WordSearch.first(UInt8(quote), in: chunk.text, cursor..<count)
            guard cursor + 1 < count, Int(byte(cursor + 1)) == quote else { break }
            hasDoubledQuotes = true
            cursor += 2
        }
        countLines(start..<cursor)
        let cell = Cell(quotedStart: start, end: cursor, hasDoubledQuotes: hasDoubledQuotes)
        guard cursor < count else {
            fault = Self.unclosed
            position = count
            return cell
        }
        position = cursor + 1
        if position < count, byte(position) != delimiter, !isLineEnd(byte(position)) {
            fault = fault ?? "text behind a closing quote"
            while position < count, byte(position) != delimiter, !isLineEnd(byte(position)) {
                position += 1
            }
        }
        return cell
    }

    private mutating func countLines(_ range: Range<Int>) {
        var previous: UInt8 = 0
        for offset in range {
            let next = byte(offset)
            if next == Dialect.carriageReturn
                || (next == Dialect.lineFeed && previous != Dialect.carriageReturn)
            {
                line += 1
            }
            previous = next
        }
    }

    @inline(__always)
    private mutating func passLineEnd() {
        guard position < count else { return }
        let first = byte(position)
        position &+= 1
        if first == Dialect.carriageReturn, position < count,
            byte(position) == Dialect.lineFeed
        {
            position &+= 1
        }
        line &+= 1
    }

    @inline(__always)
    private func byte(_ offset: Int) -> UInt8 { text.load(fromByteOffset: offset, as: UInt8.self) }

    @inline(__always)
    private func isLineEnd(_ byte: UInt8) -> Bool {
        byte == Dialect.lineFeed || byte == Dialect.carriageReturn
    }
}
