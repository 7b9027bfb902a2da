internal import StoaText

/// Reads a file from front to back in chunks of whole records.
struct ChunkReader {
    private let file: InputFile
    private let delimiter: UInt8
    private let chunkByteCount: Int
    private var offset: Int
    /// The beginning of a record whose end was not read yet.
    private var carry: [UInt8] = []
    private var isFileRead = false

    /// A record longer than this is taken for a quote that never closes: its first line is
    /// rejected. Small enough that any batch fits a frame.
    static let recordByteCountLimit = 8 << 20

    /// - Parameter start: the offset of the first record.
    init(_ file: InputFile, delimiter: UInt8, from start: Int, chunkByteCount: Int) {
        self.file = file
        self.delimiter = delimiter
        self.chunkByteCount = chunkByteCount
        offset = start
    }

    /// Bytes of the file that were given out, and those before them.
    var consumedByteCount: Int { offset - carry.count }

    /// The next records; nil at the end of the file.
    mutating func next() throws -> TextChunk? {
        var capacity = max(chunkByteCount, carry.count * 2)
        while true {
            let chunk = TextChunk(capacity: capacity)
            carry.withUnsafeBytes { _ = chunk.append($0) }
            if !isFileRead {
                let count = try file.read(into: chunk, at: offset)
                offset += count
                isFileRead = chunk.count < capacity
            }
            if chunk.count == 0 { return nil }
            var whole = RecordCutter.wholeRecords(
                in: chunk, delimiter: delimiter, isFinal: isFileRead)
            if whole == 0, chunk.count >= Self.recordByteCountLimit {
                whole = RecordCutter.firstLine(in: chunk.text)
            }
            carry = Array(chunk.text[whole...])
            if whole > 0 {
                chunk.truncate(to: whole)
                return chunk
            }
            capacity *= 2
        }
    }
}
