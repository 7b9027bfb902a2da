internal import StoaBase
internal import StoaModel

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
