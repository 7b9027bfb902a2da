internal import StoaBase
internal import StoaModel

/// Memory that a reading thread needs besides the buffers of its `VectorScratch`, kept in the
/// scratch's `owner` from read to read. Never shared between threads.
final class DecodeWorkspace {
    /// Vectors that a masked child's read may span: four, and one more when it starts inside one.
    static let vectorCountLimit = Limits.batchRows / Limits.vectorRows + 1
    /// Rows of such a read.
    static let rowLimit = vectorCountLimit * Limits.vectorRows

    /// One vector of the widest lane, for numbers on their way to a wider one.
    let vector = HeapBytes(byteCount: Limits.vectorRows * 8)
    /// What the outermost node's child decodes into.
    private(set) lazy var outer = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// What the innermost child decodes into.
    private(set) lazy var inner = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// Offsets of a masked child's strings.
    private(set) lazy var offsets = HeapBytes(byteCount: (DecodeWorkspace.rowLimit + 1) * 4)
    /// Decompressed chunks of the node that was read last.
    var chunks = ChunkCache()

    /// The workspace of `scratch`, made at its first use.
    static func of(_ scratch: VectorScratch) -> DecodeWorkspace {
        if let workspace = scratch.owner as? DecodeWorkspace { return workspace }
        let workspace = DecodeWorkspace()
        scratch.owner = workspace
        return workspace
    }
}

/// The chunks that one node of one reader decompressed last; consecutive, in one buffer.
struct ChunkCache {
    /// The node they belong to; 0: none. Nodes are numbered and never share a number.
    var nodeID: UInt64 = 0
    /// The chunks that are decompressed.
    var chunkRange = 0..<0
    /// Where they are.
    private(set) var memory = HeapBytes(byteCount: 0)

    /// Makes room for `byteCount` bytes; what was there is gone when it had to grow.
    mutating func reserve(_ byteCount: Int) {
        guard memory.byteCount < byteCount else { return }
        nodeID = 0
        memory = HeapBytes(byteCount: byteCount)
    }
}
