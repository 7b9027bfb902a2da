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
