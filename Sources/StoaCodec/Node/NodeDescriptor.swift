internal import StoaBase
internal import StoaModel

/// The first bytes of every node of a block.
///
///     node descriptor, 16 bytes, little-endian, at a multiple of 64 from the block's start
///     offset  size  field
///          0     1  encoding     Encoding.rawValue
///          1     1  revision     of the encoding's layout, from 1
///          2     1  lane         0 none, 1 … 4: numbers of 1, 2, 4, 8 bytes; 16: strings
///          3     1  childCount   nodes nested in this one, behind its own arrays
///          4     4  rowCount     values of this node
///          8     4  unitCount    of the whole node with its children, in units of 64 bytes
///         12     2  flags        by encoding
///         14     2  reserved     0
///
/// The encoding's own fields follow up to offset 64, unused ones are zero; then its arrays, each
/// at a multiple of 8; then its children, each at a multiple of 64.
struct NodeDescriptor {
    static let byteCount = 16
    /// The descriptor and the encoding's fields: one cache line.
    static let headerByteCount = 64
    /// The lane of nodes that hold strings.
    static let stringLane: UInt8 = 16
    /// Levels of a tree; `MASKED(RLE(FOR, FOR))` has three.
    static let depthLimit = 3
    /// Most rows of a node; a block has fewer, a dictionary may have as many.
    static let rowCountLimit = Limits.segmentRowsLimit

    var encoding: Encoding
    var lane: UInt8
    var childCount: UInt8
    var rowCount: Int
    var byteCount: Int
    var flags: UInt16

    /// The size of `byteCount` bytes when the next thing starts at a multiple of 64.
    static func padded(_ byteCount: Int) -> Int { (byteCount + 63) & ~63 }

    /// The size of `byteCount` bytes when the next array starts at a multiple of 8.
    static func aligned(_ byteCount: Int) -> Int { (byteCount + 7) & ~7 }

    /// Writes the 16 bytes; the memory behind them is already zero.
    func write(to target: UnsafeMutableRawPointer) {
        invariant(byteCount % 64 == 0, "a node's length is in units of 64 bytes")
        target.storeBytes(of: encoding.rawValue, as: UInt8.self)
        target.storeBytes(of: encoding.revision, toByteOffset: 1, as: UInt8.self)
        target.storeBytes(of: lane, toByteOffset: 2, as: UInt8.self)
        target.storeBytes(of: childCount, toByteOffset: 3, as: UInt8.self)
        target.storeBytes(of: UInt32(rowCount).littleEndian, toByteOffset: 4, as: UInt32.self)
        target.storeBytes(
            of: UInt32(byteCount / 64).littleEndian, toByteOffset: 8, as: UInt32.self)
        target.storeBytes(of: flags.littleEndian, toByteOffset: 12, as: UInt16.self)
    }
}

/// The bytes of one node, taken apart front to back; every step checks what is left.
struct NodeBytes {
    let descriptor: NodeDescriptor
    /// The node alone, from its descriptor to its end.
    let bytes: Bytes
    /// Where the node begins in its block, for error texts.
    let blockOffset: Int
    /// The offset of the next array or child.
    private var offset = NodeDescriptor.headerByteCount

    /// Reads and checks the descriptor at `offset` of `source`.
    init(_ source: Bytes, at offset: Int, blockOffset: Int) throws(CodecError) {
        guard offset >= 0, offset % 64 == 0, source.count - offset >= 64 else {
            throw .wrongByteCount(offset: blockOffset)
        }
        let id = source[offset]
        guard let encoding = Encoding(rawValue: id) else { throw .unknownEncoding(id) }
        let revision = source[offset + 1]
        guard revision >= 1, revision <= encoding.revision else {
            throw .unknownRevision(encoding, revision)
        }
        let rowCount = Int(source.integer(at: offset + 4, as: UInt32.self))
        let byteCount = Int(source.integer(at: offset + 8, as: UInt32.self)) * 64
        guard source.integer(at: offset + 14, as: UInt16.self) == 0 else {
            throw .invalidField(encoding, .reserved)
        }
        guard byteCount >= 64, byteCount <= source.count - offset else {
            throw .wrongByteCount(offset: blockOffset)
        }
        guard rowCount >= 1, rowCount <= NodeDescriptor.rowCountLimit else {
            throw .rowCountMismatch(expected: NodeDescriptor.rowCountLimit, found: rowCount)
        }
        descriptor = NodeDescriptor(
            encoding: encoding, lane: source[offset + 2], childCount: source[offset + 3],
            rowCount: rowCount, byteCount: byteCount, flags: source.integer(at: offset + 12))
        bytes = source[offset..<offset + byteCount]
        self.blockOffset = blockOffset
    }

    /// A field of the header.
    func field<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
        bytes.integer(at: offset, as: type)
    }

    /// Refuses a header whose bytes `offset ..< 64` are not all zero.
    func requireZeros(from offset: Int) throws(CodecError) {
        for index in offset..<NodeDescriptor.headerByteCount where bytes[index] != 0 {
            throw .invalidField(descriptor.encoding, .reserved)
        }
    }

    /// The lane of a node of numbers.
    func numberLane() throws(CodecError) -> Lane {
        guard let lane = Lane(rawValue: descriptor.lane) else { throw invalid(.lane) }
        return lane
    }

    /// The next `byteCount` bytes as an array that starts at a multiple of `alignment`.
    mutating func take(_ byteCount: Int, alignment: Int = 8) throws(CodecError) -> Bytes {
        let start = (offset + alignment - 1) & ~(alignment - 1)
        guard byteCount >= 0, start <= bytes.count, byteCount <= bytes.count - start else {
            throw .wrongByteCount(offset: blockOffset + min(start, bytes.count))
        }
        offset = start + byteCount
        return bytes[start..<offset]
    }

    /// The next child.
    mutating func takeChild() throws(CodecError) -> NodeBytes {
        let start = NodeDescriptor.padded(offset)
        let child = try NodeBytes(bytes, at: start, blockOffset: blockOffset + start)
        offset = start + child.bytes.count
        return child
    }

    /// Refuses a node that goes on behind what was taken.
    func requireEnd() throws(CodecError) {
        guard NodeDescriptor.padded(offset) == bytes.count else {
            throw .wrongByteCount(offset: blockOffset + offset)
        }
    }

    /// Refuses other child counts and unknown flags.
    func require(childCount: UInt8, flags: UInt16 = 0) throws(CodecError) {
        guard descriptor.childCount == childCount else { throw invalid(.childCount) }
        guard descriptor.flags & ~flags == 0 else { throw invalid(.flags) }
    }

    /// The error for a field of this node.
    func invalid(_ field: CodecError.Field) -> CodecError {
        .invalidField(descriptor.encoding, field)
    }
}
