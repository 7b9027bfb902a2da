internal import StoaText

/// Looks at parts of a file to guess what it holds.
enum FileSampler {
    private static let headByteCount = 4 << 20
    private static let partByteCount = 512 << 10

    /// The proposal from the file's start, widened by what its middle and its end show where
    /// these can be looked at.
    static func propose(
        _ file: InputFile, wishes: FileProposal.Wishes
    ) throws -> FileProposal {
        let head = TextChunk(capacity: headByteCount)
        try file.text().fill(head)
        var wishes = wishes
        wishes.isWholeFile = head.room.count >= InputPipeline.roomByteCount
        if !wishes.isWholeFile { cutLastLine(of: head) }
        var proposal: FileProposal
        do {
            proposal = try FileProposal.propose(head, wishes: wishes)
        } catch {
            throw Failure.local("\(file.path): \(error.message)")
        }
        guard file.hasPlaces, let byteCount = file.byteCount,
            byteCount > headByteCount + 2 * partByteCount
        else { return proposal }
        for offset in [byteCount / 2, byteCount - partByteCount] {
            if let part = try profile(file, at: offset, as: proposal) { proposal.merge(part) }
        }
        return proposal
    }

    /// Drops what follows the last line end, so that no cut record is looked at.
    private static func cutLastLine(of chunk: TextChunk) {
        let end = chunk.text.lastIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        if let end { chunk.truncate(to: end) }
    }

    /// What the lines from `offset` on show; nil when they do not look like whole records, as
    /// when the part begins inside quotes.
    private static func profile(
        _ file: InputFile, at offset: Int, as proposal: FileProposal
    ) throws -> ChunkProfiler.Result? {
        let raw = TextChunk(capacity: partByteCount)
        try file.read(into: raw, at: offset)
        let start = RecordCutter.firstLine(in: raw.text)
        guard start < raw.count else { return nil }
        let part = TextChunk(UnsafeRawBufferPointer(rebasing: raw.text[start...]))
        cutLastLine(of: part)
        let result = proposal.profiler.profile(part)
        return result.rejectCount == 0 ? result : nil
    }
}
