internal import StoaBase

/// A checksummed stretch of a segment file.
///
///     offset  size  field
///          0     4  offset      in units of 64 bytes from the file's start
///          4     4  length      in units of 64 bytes, padding included
///          8     4  byteCount   without the padding
///         12     4  checksum    CRC-32C of length × 64 bytes
struct SegmentExtent: Equatable {
    static let none = SegmentExtent(byteOffset: 0, paddedByteCount: 0, byteCount: 0, checksum: 0)

    var byteOffset: Int
    /// To the start of what comes next, so that every byte of the file is in some checksum.
    var paddedByteCount: Int
    var byteCount: Int
    var checksum: UInt32

    var end: Int { byteOffset + paddedByteCount }

    func encode(into output: inout ByteWriter) {
        output.append(UInt32(byteOffset / 64))
        output.append(UInt32(paddedByteCount / 64))
        output.append(UInt32(byteCount))
        output.append(checksum)
    }

    static func decode(_ footer: Bytes, at offset: Int) -> SegmentExtent {
        SegmentExtent(
            byteOffset: Int(footer.integer(at: offset, as: UInt32.self)) * 64,
            paddedByteCount: Int(footer.integer(at: offset + 4, as: UInt32.self)) * 64,
            byteCount: Int(footer.integer(at: offset + 8, as: UInt32.self)),
            checksum: footer.integer(at: offset + 12))
    }
}
