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
    /// What the lengths of strings decode into.
    private(set) lazy var inner = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// What the child of a DELTA node decodes into.
    private(set) lazy var differences = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// Offsets of a masked child's strings.
    private(set) lazy var offsets = HeapBytes(byteCount: (DecodeWorkspace.rowLimit + 1) * 4)
    /// What `NumberNode.forEachBatch` reads into.
    private(set) lazy var batch = HeapBytes(byteCount: Limits.batchRows * 8)
    /// What `NumberNode.forEachBatch` hands out.
    private(set) lazy var patterns = HeapBytes(byteCount: Limits.batchRows * 8)
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
