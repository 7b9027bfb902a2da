internal import StoaBase
internal import StoaModel

/// Some rows of a memtable on their way into a segment: the same rows whatever chunks they are
/// in.
struct MemtableRows: Sendable {
    /// Rows that stand together in one chunk.
    struct Piece {
        let chunk: MemtableChunk
        let chunkRow: Int
        /// Position of the first row among the rows that were asked for.
        let offset: Int
        let rowCount: Int
    }

    let memtable: Memtable
    /// Rows of the memtable.
    let range: Range<Int>
    private let blocks: [MemtableBlock]

    init(_ memtable: Memtable, range: Range<Int>) {
        self.memtable = memtable
        self.range = range
        blocks = memtable.blocks(rowCount: range.upperBound)
    }

    var rowCount: Int { range.count }

    /// The pieces of rows `rows` of this range, in order.
    func pieces(_ rows: Range<Int>) -> [Piece] {
        invariant(
            rows.lowerBound >= 0 && rows.upperBound <= range.count, "rows lie in their range")
        let first = range.lowerBound + rows.lowerBound
        let end = range.lowerBound + rows.upperBound
        var pieces: [Piece] = []
        for block in blocks {
            let start = max(first, block.chunk.startRow)
            let stop = min(end, block.chunk.startRow + block.rowCount)
            guard start < stop else { continue }
            pieces.append(
                Piece(
                    chunk: block.chunk, chunkRow: start - block.chunk.startRow,
                    offset: start - first,
                    rowCount: stop - start))
        }
        return pieces
    }

    /// Bytes of a string column's rows if each is written out.
    func expandedByteCount(column index: Int, rows: Range<Int>) -> Int {
        var byteCount = 0
        for piece in pieces(rows) {
            byteCount += StringPiece(piece, column: index).byteCount(rowCount: piece.rowCount)
        }
        return byteCount
    }

    /// The rows cut into segments: by their number, and between blocks before the strings of one
    /// column pass `byteCountLimit` when written out.
    func segmentRanges(limits: Limits, byteCountLimit: Int) -> [Range<Int>] {
        let columns = memtable.definition.columns.indices.filter {
            memtable.definition.columns[$0].type == .string
        }
        var ranges: [Range<Int>] = []
        var start = 0
        var byteCounts = [Int: Int]()
        for block in stride(from: 0, to: rowCount, by: limits.blockRows) {
            let end = min(block + limits.blockRows, rowCount)
            var isOver = false
            for column in columns {
                let more = expandedByteCount(column: column, rows: block..<end)
                byteCounts[column, default: 0] += more
                isOver = isOver || (byteCounts[column] ?? 0) > byteCountLimit
            }
            if block > start, isOver || end - start > limits.segmentRows {
                ranges.append(start..<block)
                start = block
                byteCounts = [:]
            }
        }
        ranges.append(start..<rowCount)
        return ranges.map {
            range.lowerBound + $0.lowerBound..<range.lowerBound + $0.upperBound
        }
    }
}
