internal import StoaBase

/// The last 64 bytes of a segment file: where the footer is, and whether the file is whole.
///
///     offset  size  field
///          0     8  footerOffset      a multiple of 64
///          8     8  footerByteCount   a multiple of 64
///         16     4  footerChecksum    CRC-32C of the footer
///         20     4  reserved          0
///         24     8  fileByteCount     this trailer included
///         32    20  reserved          0
///         52     4  checksum          CRC-32C of the 52 bytes before
///         56     8  magic             as in the header
struct SegmentTrailer: Equatable {
    static let byteCount = 64

    var footerOffset: Int
    var footerByteCount: Int
    var footerChecksum: UInt32
    var fileByteCount: Int

    func encode(into output: inout ByteWriter) {
        var trailer = ByteWriter(reservingCapacity: Self.byteCount)
        trailer.append(UInt64(footerOffset))
        trailer.append(UInt64(footerByteCount))
        trailer.append(footerChecksum)
        trailer.append(UInt32(0))
        trailer.append(UInt64(fileByteCount))
        trailer.appendZeros(20)
        trailer.append(Checksum.crc32c(trailer.bytes))
        trailer.append(SegmentHeader.magic)
        invariant(trailer.count == Self.byteCount, "a trailer has its length")
        output.append(contentsOf: trailer)
    }

    /// Reads the trailer at the end of `file` and checks it against the file's length.
    static func decode(_ file: Bytes) throws(SegmentDamage) -> SegmentTrailer {
        let start = file.count - byteCount
        guard start >= SegmentHeader.byteCount else {
            throw .damaged(offset: 0, "the file is shorter than a header and a trailer")
        }
        guard file.integer(at: start + 56, as: UInt64.self) == SegmentHeader.magic else {
            throw .damaged(offset: start + 56, "the file does not end as a segment does")
        }
        let stored: UInt32 = file.integer(at: start + 52)
        let actual = Checksum.crc32c(file[start..<start + 52])
        guard stored == actual else {
            throw .checksum(offset: start, what: "trailer", stored: stored, actual: actual)
        }
        let offset: UInt64 = file.integer(at: start)
        let length: UInt64 = file.integer(at: start + 8)
        let fileLength: UInt64 = file.integer(at: start + 24)
        guard fileLength == UInt64(file.count) else {
            throw .damaged(
                offset: start,
                "the file has \(file.count) bytes, it was written with \(fileLength)")
        }
        guard offset >= UInt64(SegmentHeader.byteCount), offset % 64 == 0, length % 64 == 0,
            offset <= UInt64(start), length == UInt64(start) - offset
        else { throw .damaged(offset: start, "the footer does not lie before the trailer") }
        return SegmentTrailer(
            footerOffset: Int(offset), footerByteCount: Int(length),
            footerChecksum: file.integer(at: start + 16), fileByteCount: file.count)
    }
}
