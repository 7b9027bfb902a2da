internal import StoaBase
internal import StoaModel

/// The bytes of all strings one behind the other, cut into chunks wherever they end, and the
/// strings' lengths as a child.
///
///     LZ4 of strings, revision 1; lane 16
///     offset  size  field
///          0    16  descriptor
///         16     8  textByteCount
///         24    40  fields of Chunks
///         64        arrays of Chunks
///                   child          lengths: numbers, 0 … 1,048,576 each
enum LZ4TextCodec {
    static func byteCount(_ compressed: Chunks.Compressed, lengths: Int) -> Int {
        compressed.byteCount + lengths
    }

    /// The compressed text, nil unless it is at most `limit` bytes.
    static func compress(_ input: TextInput, limit: Int) -> Chunks.Compressed? {
        Chunks.compress(totalByteCount: input.byteCount, limit: limit, highPercent: 90) {
            chunk(input, $0)
        }
    }

    private static func chunk(_ input: TextInput, _ index: Int) -> UnsafeRawBufferPointer {
        let start = index * Chunks.byteCount
        return UnsafeRawBufferPointer(
            start: input.bytes + start, count: min(Chunks.byteCount, input.byteCount - start))
    }

    static func encode(
        _ input: TextInput, lengths: NumberPlan, _ compressed: Chunks.Compressed,
        to target: UnsafeMutableRawPointer
    ) {
        let lengthsByteCount = lengths.byteCount(rowCount: input.rowCount)
        let total = byteCount(compressed, lengths: lengthsByteCount)
        NodeDescriptor(
            encoding: .lz4, lane: NodeDescriptor.stringLane, childCount: 1,
            rowCount: input.rowCount, byteCount: total, flags: 0
        ).write(to: target)
        target.storeBytes(
            of: UInt64(input.byteCount).littleEndian, toByteOffset: 16, as: UInt64.self)
        Chunks.encode(compressed, to: target) { chunk(input, $0) }
        lengths.encode(input.lengths, to: target + compressed.byteCount)
    }

    static func decode(
        _ node: NodeBytes, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        var node = node
        try node.require(childCount: 1)
        let textByteCount = node.field(16, as: UInt64.self)
        guard textByteCount <= UInt64(UInt32.max) else { throw node.invalid(.byteCount) }
        let chunks = try Chunks(&node, totalByteCount: Int(textByteCount))
        let lengths = try StringLengths(
            NumberCodecs.decode(
                node.takeChild(), depth: NodeDescriptor.depthLimit, workspace),
            byteCount: Int(textByteCount), owner: node, workspace)
        try node.requireEnd()
        let check = ChunkedTextCheck(chunks)
        lengths.forEachStart(workspace) { check.visitStart($0) }
        try check.finish()
        return LZ4TextNode(node.descriptor, chunks, lengths)
    }

    private final class LZ4TextNode: StringNode {
        let chunks: Chunks
        let lengths: StringLengths

        init(_ descriptor: NodeDescriptor, _ chunks: Chunks, _ lengths: StringLengths) {
            self.chunks = chunks
            self.lengths = lengths
            super.init(descriptor)
        }

        override func read(
            firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
            _ workspace: DecodeWorkspace
        ) -> UnsafeRawPointer {
            let start = lengths.readOffsets(
                firstRow: firstRow, rowCount: rowCount, into: offsets, workspace)
            let end = start + Int(offsets[rowCount])
            guard end > start else { return UnsafeRawPointer(offsets) }
            let firstChunk = start / Chunks.byteCount
            let chunkRange = firstChunk..<(end - 1) / Chunks.byteCount + 1
            let bytes = chunks.read(chunkRange, &workspace.chunks)
            return bytes + (start - firstChunk * Chunks.byteCount)
        }

        override var textByteCount: Int { lengths.byteCount }

        override var text: String { "LZ4(\(lengths.node.text))" }

        override var children: [NumberNode] { [lengths.node] }
    }
}

/// Decompresses chunks in order and checks their text, one chunk in memory at a time: valid
/// UTF-8, also across chunks, and no string that starts inside a character.
private final class ChunkedTextCheck {
    /// Bytes of a character that the next chunk completes.
    private static let carryLimit = 3

    private let chunks: Chunks
    private let memory = HeapBytes(byteCount: Chunks.byteCount + carryLimit)
    private var nextChunk = 0
    private var carryByteCount = 0
    private var problem: CodecError?

    init(_ chunks: Chunks) { self.chunks = chunks }

    /// The current chunk, behind room for what the one before left over.
    private var chunk: UnsafeMutableRawPointer { memory.address + Self.carryLimit }

    /// Looks at the first byte of a string; starts come in rising order.
    func visitStart(_ start: Int) {
        guard start < chunks.totalByteCount, problem == nil else { return }
        let index = start / Chunks.byteCount
        while nextChunk <= index, problem == nil { loadNext() }
        let byte = chunk.load(fromByteOffset: start % Chunks.byteCount, as: UInt8.self)
        if byte & 0xC0 == 0x80 { problem = problem ?? .notUTF8 }
    }

    /// Checks what is left and throws what was found.
    func finish() throws(CodecError) {
        while nextChunk < chunks.count, problem == nil { loadNext() }
        if carryByteCount > 0 { problem = problem ?? .notUTF8 }
        if let problem { throw problem }
    }

    private func loadNext() {
        let index = nextChunk
        nextChunk += 1
        let previousByteCount = index == 0 ? 0 : chunks.byteCount(index - 1)
        let carried = chunk + (previousByteCount - carryByteCount)
        let start = chunk - carryByteCount
        start.copyMemory(from: carried, byteCount: carryByteCount)
        guard chunks.decompress(index, into: chunk) else {
            problem = .damagedChunk(index: index)
            return
        }
        let text = UnsafeRawBufferPointer(
            start: start, count: carryByteCount + chunks.byteCount(index))
        let isLast = index == chunks.count - 1
        let whole = isLast ? text.count : text.count - Self.unfinishedByteCount(text)
        guard UTF8Check.isValid(UnsafeRawBufferPointer(rebasing: text[..<whole])) else {
            problem = .notUTF8
            return
        }
        carryByteCount = text.count - whole
    }

    /// Bytes at the end that begin a character and do not complete it.
    private static func unfinishedByteCount(_ text: UnsafeRawBufferPointer) -> Int {
        for length in 1...min(carryLimit, text.count) {
            let byte = text[text.count - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > length ? length : 0
        }
        return 0
    }
}
