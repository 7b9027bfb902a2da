internal import StoaBase
internal import StoaModel
internal import Synchronization

/// Bytes cut into pieces of 65,536 that are compressed one by one, so that reading some rows
/// touches only their pieces.
///
///     fields of LZ4 nodes, and their arrays
///     offset  size  field
///         24     4  chunkCount
///         28    36  reserved     0
///         64        chunkEnds    u32 × chunkCount: where each chunk ends in data, rising
///                   data         the chunks; one that is as long as what it stands for is that
///                                itself, any shorter one is an LZ4 block
struct Chunks {
    /// Decompressed bytes of every chunk but the last.
    static let byteCount = 1 << 16

    /// Distinguishes nodes in the caches of readers.
    let nodeID: UInt64
    /// Decompressed bytes of all chunks.
    let totalByteCount: Int
    /// A copy, so that a chunk's bytes are where they were.
    private let ends: Bytes
    private let bytes: UnsafeRawPointer
    let count: Int

    private static let nextID = Atomic<UInt64>(1)

    // MARK: Encode

    /// Chunks to write: compressed, or nil where that would save nothing.
    struct Compressed {
        var chunks: [[UInt8]?] = []
        /// Bytes of the data array.
        var dataByteCount = 0

        /// Bytes of both arrays behind a header, padded.
        var byteCount: Int {
            NodeDescriptor.padded(
                NodeDescriptor.headerByteCount + NodeDescriptor.aligned(chunks.count * 4)
                    + dataByteCount)
        }
    }

    /// The number of chunks of `totalByteCount` bytes.
    static func count(totalByteCount: Int) -> Int { (totalByteCount + byteCount - 1) / byteCount }

    /// Compresses bytes that `chunk` hands out piece by piece; nil when the whole would be larger
    /// than `limit`, as far as possible found out on one chunk. High compression takes many
    /// times as long as the fast level: it must bring that chunk down to `highPercent`.
    static func compress(
        totalByteCount: Int, limit: Int, highPercent: Int,
        _ chunk: (Int) -> UnsafeRawBufferPointer
    ) -> Compressed? {
        guard totalByteCount > 0 else { return nil }
        let count = count(totalByteCount: totalByteCount)
        let sample = chunk(count / 2)
        func projected(_ sampleByteCount: Int) -> Int {
            sampleByteCount * totalByteCount / sample.count
        }
        guard let fast = LZ4.compress(sample, isHighCompression: false)?.count,
            projected(fast) * 3 / 4 <= limit
        else { return nil }
        let high = LZ4.compress(sample, isHighCompression: true)?.count ?? fast
        guard projected(min(fast, high)) <= limit + limit / 20 else { return nil }
        let isHighCompression = high * 100 <= fast * highPercent
        var result = Compressed()
        for index in 0..<count {
            let piece = chunk(index)
            let compressed = LZ4.compress(piece, isHighCompression: isHighCompression)
            result.chunks.append(compressed)
            result.dataByteCount += compressed?.count ?? piece.count
        }
        return result.byteCount <= limit ? result : nil
    }

    /// Writes the field and both arrays behind the header.
    static func encode(
        _ compressed: Compressed, to target: UnsafeMutableRawPointer,
        _ chunk: (Int) -> UnsafeRawBufferPointer
    ) {
        let count = compressed.chunks.count
        target.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 24, as: UInt32.self)
        let ends = target + NodeDescriptor.headerByteCount
        let data = ends + NodeDescriptor.aligned(count * 4)
        var end = 0
        for index in 0..<count {
            let piece = UnsafeMutableRawBufferPointer(
                start: data + end, count: compressed.dataByteCount - end)
            if let bytes = compressed.chunks[index] {
                piece.copyBytes(from: bytes)
                end += bytes.count
            } else {
                let bytes = chunk(index)
                piece.copyBytes(from: bytes)
                end += bytes.count
            }
            Lane.u32.store(UInt64(end), to: ends, index)
        }
        invariant(end == compressed.dataByteCount, "every chunk has its place")
    }

    // MARK: Decode

    /// Takes the arrays of a node; the chunks are not decompressed yet.
    init(_ node: inout NodeBytes, totalByteCount: Int) throws(CodecError) {
        count = Int(node.field(24, as: UInt32.self))
        try node.requireZeros(from: 28)
        guard count == Self.count(totalByteCount: totalByteCount) else {
            throw node.invalid(.chunkEnd)
        }
        let ends = try node.take(count * 4).withUnsafeBytes { Bytes(copying: $0) }
        var end = 0
        for index in 0..<count {
            let next = Int(Lane.u32.load(ends.pointer, index))
            let limit = min(Self.byteCount, totalByteCount - index * Self.byteCount)
            guard next > end, next - end <= limit else { throw node.invalid(.chunkEnd) }
            end = next
        }
        bytes = try node.take(end).pointer
        self.ends = ends
        self.totalByteCount = totalByteCount
        nodeID = Self.nextID.add(1, ordering: .relaxed).oldValue
    }

    /// Decompressed bytes of one chunk.
    func byteCount(_ index: Int) -> Int {
        min(Self.byteCount, totalByteCount - index * Self.byteCount)
    }

    /// Decompresses one chunk; false when it is damaged.
    func decompress(_ index: Int, into target: UnsafeMutableRawPointer) -> Bool {
        let start = index == 0 ? 0 : Int(Lane.u32.load(ends.pointer, index - 1))
        let source = UnsafeRawBufferPointer(
            start: bytes + start, count: Int(Lane.u32.load(ends.pointer, index)) - start)
        let output = UnsafeMutableRawBufferPointer(start: target, count: byteCount(index))
        if source.count == output.count {
            output.copyMemory(from: source)
            return true
        }
        return LZ4.decompress(source, into: output)
    }

    /// Where the decompressed bytes of `range` stand, one chunk behind the other; those of the
    /// last call are kept when they overlap.
    func read(_ range: Range<Int>, _ cache: inout ChunkCache) -> UnsafeRawPointer {
        if cache.nodeID == nodeID, cache.chunkRange.lowerBound <= range.lowerBound,
            cache.chunkRange.upperBound >= range.upperBound
        {
            let skipped = range.lowerBound - cache.chunkRange.lowerBound
            return UnsafeRawPointer(cache.memory.address + skipped * Self.byteCount)
        }
        let kept = cache.keep(nodeID, range)
        for index in range where !kept.contains(index) {
            let target = cache.memory.address + (index - range.lowerBound) * Self.byteCount
            // Every chunk was decompressed once when the block was checked; should the file have
            // changed since, its bytes read as zeros.
            if !decompress(index, into: target) {
                DecodingDoubt.add()
                target.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount(index))
            }
        }
        return UnsafeRawPointer(cache.memory.address)
    }
}
