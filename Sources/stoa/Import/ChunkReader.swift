internal import StoaText

/// Reads a text from front to back in chunks of whole records.
struct ChunkReader {
    /// What comes next in the text.
    enum Piece {
        case records(TextChunk)
        /// One record that is too long to be read; its start, and the line ends that were passed.
        case overlong(start: [UInt8], lineCount: Int)
    }

    private let text: InputText
    private let dialect: Dialect
    private let chunkByteCount: Int
    /// The beginning of a record whose end was not read yet.
    private var carry: [UInt8]
    private var isTextRead = false

    /// A record longer than this is taken for a quote that never closes: its first line is
    /// rejected. Small enough that any batch fits a frame.
    static let recordByteCountLimit = 8 << 20

    /// - Parameter start: bytes before the first record.
    init(_ text: InputText, dialect: Dialect, from start: Int, chunkByteCount: Int) throws {
        self.text = text
        self.dialect = dialect
        self.chunkByteCount = chunkByteCount
        let head = TextChunk(capacity: start + 4_096)
        try text.fill(head)
        carry = Array(head.text.dropFirst(start))
    }

    /// Bytes of the file that were taken, as it is stored.
    var rawByteCount: Int { text.rawByteCount }

    /// The next records; nil at the end of the file.
    mutating func next() throws -> Piece? {
        var capacity = max(chunkByteCount, carry.count * 2)
        while true {
            let chunk = TextChunk(capacity: capacity)
            carry.withUnsafeBytes { _ = chunk.append($0) }
            if !isTextRead {
                try text.fill(chunk)
                isTextRead = chunk.room.count >= InputPipeline.roomByteCount
            }
            if chunk.count == 0 { return nil }
            var whole = RecordCutter.wholeRecords(
                in: chunk, delimiter: dialect.delimiter, quote: dialect.quote,
                isFinal: isTextRead)
            if whole == 0, chunk.count >= Self.recordByteCountLimit {
                whole = RecordCutter.firstLine(in: chunk.text)
                if whole == chunk.count { return try passOverlong(chunk) }
            }
            carry = Array(chunk.text[whole...])
            if whole > 0 {
                chunk.truncate(to: whole)
                return .records(chunk)
            }
            capacity *= 2
        }
    }

    /// Drops the rest of the line that `chunk` holds the beginning of.
    private mutating func passOverlong(_ chunk: TextChunk) throws -> Piece {
        let start = Array(chunk.text.prefix(RejectedRecord.textByteCountLimit))
        // The chunk may end in a line's end, of which a line feed may still be missing.
        var rest = Array(chunk.text.suffix(1))
        while true {
            let end = rest.withUnsafeBytes { RecordCutter.firstLine(in: $0) }
            if end < rest.count || (end > 0 && rest[end - 1] == UInt8(ascii: "\n")) {
                carry = Array(rest[end...])
                return .overlong(start: start, lineCount: 1)
            }
            let more = TextChunk(capacity: 1 << 18)
            if !isTextRead {
                try text.fill(more)
                isTextRead = more.room.count >= InputPipeline.roomByteCount
            }
            if more.count == 0 {
                carry = []
                return .overlong(start: start, lineCount: 1)
            }
            rest = rest.suffix(1) + Array(more.text)
        }
    }
}
