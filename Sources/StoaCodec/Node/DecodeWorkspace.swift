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
    /// Bits of one vector on their way, and of one range of several.
    let vectorMasks = HeapBytes(byteCount: 4 * Limits.vectorRows / 8)
    /// What the outermost node's child decodes into.
    private(set) lazy var outer = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// What the lengths of strings decode into.
    private(set) lazy var inner = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// What the child of a node of numbers decodes into, when the node is at the top.
    private lazy var upper = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// The same for the child of such a child.
    private lazy var lower = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// Offsets of a masked child's strings.
    private(set) lazy var offsets = HeapBytes(byteCount: (DecodeWorkspace.rowLimit + 1) * 4)
    /// What `NumberNode.forEachBatch` reads into.
    private(set) lazy var batch = HeapBytes(byteCount: Limits.batchRows * 8)
    /// What `NumberNode.forEachBatch` hands out.
    private(set) lazy var patterns = HeapBytes(byteCount: Limits.batchRows * 8)
    /// Bits of the rows of a masked child, of a block and one vector, and one word more.
    private(set) lazy var compactMask = HeapBytes(byteCount: Limits.blockRowsLimit / 8 + 256)
    /// Rows of a masked child that are gathered.
    private(set) lazy var places = HeapBytes(byteCount: Limits.batchRows * 2)
    /// Bytes of gathered strings.
    private(set) var text = HeapBytes(byteCount: 4_096)
    /// What the numbers of numbered strings decode into.
    private(set) lazy var numbers = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// What the positions of their templates decode into.
    private(set) lazy var positions = HeapBytes(byteCount: DecodeWorkspace.rowLimit * 8)
    /// Offsets of strings that are part of others, or fit no template.
    private(set) lazy var innerOffsets = HeapBytes(
        byteCount: (DecodeWorkspace.rowLimit + 1) * 4)
    /// Bits of rows that pass for one template, and for any; with a word more.
    private(set) lazy var templateMasks = HeapBytes(
        byteCount: 2 * (DecodeWorkspace.rowLimit / 8 + 64))
    /// Strings put together by the outermost node.
    private var writtenText = HeapBytes(byteCount: 0)
    /// Strings decoded from symbols.
    private var symbolText = HeapBytes(byteCount: 0)
    /// Decompressed chunks of the node that was read last.
    var chunks = ChunkCache()
    /// The last vector in `outer`.
    private var carried: CarriedVector?

    /// Makes room for `byteCount` bytes of text, of which `used` are kept.
    func reserveText(_ byteCount: Int, used: Int) {
        guard byteCount > text.byteCount else { return }
        let larger = HeapBytes(byteCount: byteCount * 2)
        larger.address.copyMemory(from: text.address, byteCount: used)
        text = larger
    }

    /// Room for `byteCount` bytes of strings that a node puts together, and 64 more.
    func reserveWritten(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if writtenText.byteCount < byteCount {
            writtenText = HeapBytes(byteCount: byteCount + byteCount / 4)
        }
        return writtenText.address
    }

    /// As `reserveWritten`, for strings that may be part of others.
    func reserveSymbols(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if symbolText.byteCount < byteCount {
            symbolText = HeapBytes(byteCount: byteCount + byteCount / 4)
        }
        return symbolText.address
    }

    /// A vector that a read left behind, where the next read of the node begins.
    private struct CarriedVector {
        /// Kept alive, so that no other node has its identity.
        let node: NumberNode
        let vector: Int
        /// The vector's numbers.
        let numbers: Vector.Integers
    }

    /// Decodes consecutive vectors of the outermost node's child into `outer`. Reads of a masked
    /// block begin in the vector in which the one before ended: that is not decoded twice.
    func readOuter(_ node: NumberNode, _ vectors: Range<Int>) -> Vector.Integers {
        let known = carried
        carried = nil
        if let known, known.node === node, vectors.lowerBound == known.vector {
            let byteCount = Limits.vectorRows * known.numbers.lane.byteCount
            outer.address.copyMemory(from: known.numbers.values, byteCount: byteCount)
            var numbers = known.numbers
            numbers.values = UnsafeRawPointer(outer.address)
            if vectors.count == 1 {
                carried = CarriedVector(node: node, vector: known.vector, numbers: numbers)
                return numbers
            }
            let rest = node.read(
                firstVector: known.vector + 1, vectorCount: vectors.count - 1,
                into: outer.address + byteCount, self)
            if rest.values == UnsafeRawPointer(outer.address + byteCount),
                rest.lane == numbers.lane, rest.base == numbers.base,
                rest.multiplier == numbers.multiplier
            {
                carry(node, vectors, numbers)
                return numbers
            }
        }
        let numbers = node.read(
            firstVector: vectors.lowerBound, vectorCount: vectors.count, into: outer.address,
            self)
        // A FOR node's lane and base go by what is read at once.
        let isFixed = node.descriptor.encoding == .alp || node.descriptor.encoding == .alpRealDouble
        if isFixed, numbers.values == UnsafeRawPointer(outer.address) {
            carry(node, vectors, numbers)
        }
        return numbers
    }

    private func carry(_ node: NumberNode, _ vectors: Range<Int>, _ numbers: Vector.Integers) {
        let skipped = (vectors.count - 1) * Limits.vectorRows * numbers.lane.byteCount
        var last = numbers
        last.values += skipped
        carried = CarriedVector(node: node, vector: vectors.upperBound - 1, numbers: last)
    }

    /// Says that `outer` is written otherwise.
    func forgetOuter() { carried = nil }

    /// What the child of a node decodes into; `depth` are the levels the node may use, its own
    /// included, so that a node and its child never share memory.
    func nested(_ depth: Int) -> UnsafeMutableRawPointer {
        (depth >= NodeDescriptor.depthLimit ? upper : lower).address
    }

    /// The workspace of `scratch`, made at its first use.
    static func of(_ scratch: VectorScratch) -> DecodeWorkspace {
        if let workspace = scratch.owner as? DecodeWorkspace { return workspace }
        let workspace = DecodeWorkspace()
        scratch.owner = workspace
        return workspace
    }
}
