internal import StoaText

/// One pass over the text of a file, from the front, in UTF-8.
final class InputText {
    private let raw: RawInput
    private let path: String
    private let pipeline: InputPipeline
    /// Bytes of the file that were taken, as it is stored.
    private(set) var rawByteCount = 0

    init(_ raw: RawInput, path: String, compression: Compression?, encoding: TextEncoding) {
        self.raw = raw
        self.path = path
        pipeline = InputPipeline(compression: compression, encoding: encoding)
    }

    /// Fills the room of `chunk` but for up to three bytes; how many bytes came. Less than that
    /// only at the end.
    ///
    /// - Throws: `Failure` when the file cannot be read or is damaged.
    @discardableResult
    func fill(_ chunk: TextChunk) throws -> Int {
        do {
            let count = try pipeline.read(into: chunk.room) { wanted in
                let count = try raw.read(into: wanted, at: rawByteCount)
                rawByteCount += count
                return count
            }
            chunk.didFill(count)
            return count
        } catch let fault as InputFault {
            throw Failure.local("\(path): \(fault.message)", hint: fault.hint)
        }
    }
}
