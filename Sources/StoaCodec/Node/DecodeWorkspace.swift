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
    /// What the numbers of numbered strings decode into.
    private(set) lazy var numbers = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// What the positions of their templates decode into.
    private(set) lazy var positions = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// Offsets of strings that fit no template.
    private(set) lazy var exceptionOffsets = HeapBytes(
        byteCount: (DecodeWorkspace.rowLimit + 1) * 4)
    /// Strings written out by the outermost node.
    private var writtenText = HeapBytes(byteCount: 0)
    /// Strings decoded from symbols.
    private var symbolText = HeapBytes(byteCount: 0)
    /// Decompressed chunks of the node that was read last.
    var chunks = ChunkCache()

    /// Room for `byteCount` bytes of strings, and 64 more.
    func reserveText(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if writtenText.byteCount < byteCount {
            writtenText = HeapBytes(byteCount: byteCount + byteCount / 4)
        }
        return writtenText.address
    }

    /// As `reserveText`, for strings that may be part of others.
    func reserveSymbols(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if symbolText.byteCount < byteCount {
            symbolText = HeapBytes(byteCount: byteCount + byteCount / 4)
        }
        return symbolText.address
    }

    /// The workspace of `scratch`, made at its first use.
    static func of(_ scratch: VectorScratch) -> DecodeWorkspace {
        if let workspace = scratch.owner as? DecodeWorkspace { return workspace }
        let workspace = DecodeWorkspace()
        scratch.owner = workspace
        return workspace
    }
}
