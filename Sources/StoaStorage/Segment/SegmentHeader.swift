internal import StoaBase

/// The first 64 bytes of a segment file: what it is, before anything else is believed.
///
///     offset  size  field
///          0     8  magic             "STOASEG" and a zero byte
///          8     2  majorVersion      1; another one cannot be read
///         10     2  minorVersion      0; a greater one can
///         12     4  requiredFeatures  bits a reader must know, else it refuses the file
///         16     4  optionalFeatures  bits a reader may ignore; bit 0: filters
///         20     4  tableID
///         24     8  segmentID         also the file's name
///         32     4  schemaVersion     of the table when the segment was written
///         36     4  rowCount          1 … 1,048,576
///         40     4  columnCount       1 … 4,096
///         44     4  blockRows         rows of every block but the last
///         48    12  reserved          0
///         60     4  checksum          CRC-32C of the 60 bytes before
struct SegmentHeader: Equatable {
    static let byteCount = 64
    static let magic: UInt64 = 0x0047_4553_414F_5453
    static let majorVersion: UInt16 = 1
    static let minorVersion: UInt16 = 0
    /// The required features that this version knows: none yet.
    static let knownFeatures: UInt32 = 0
    /// The optional feature of filters behind columns.
    static let filters: UInt32 = 1

    var tableID: UInt32
    var segmentID: UInt64
    var schemaVersion: UInt32
    var rowCount: Int
    var columnCount: Int
    var blockRows: Int
    var optionalFeatures: UInt32 = 0

    /// Blocks of each column.
    var blockCount: Int { (rowCount + blockRows - 1) / blockRows }

    func encode(into output: inout ByteWriter) {
        let start = output.count
        output.append(Self.magic)
        output.append(Self.majorVersion)
        output.append(Self.minorVersion)
        output.append(UInt32(0))
        output.append(optionalFeatures)
        output.append(tableID)
        output.append(segmentID)
        output.append(schemaVersion)
        output.append(UInt32(rowCount))
        output.append(UInt32(columnCount))
        output.append(UInt32(blockRows))
        output.appendZeros(12)
        output.append(Checksum.crc32c(Array(output.bytes[start...])))
        invariant(output.count - start == Self.byteCount, "a header has its length")
    }

    /// Reads the header at the start of `file`.
    static func decode(_ file: Bytes) throws(SegmentDamage) -> SegmentHeader {
        guard file.count >= byteCount else {
            throw .damaged(offset: 0, "the file is shorter than a header")
        }
        guard file.integer(at: 0, as: UInt64.self) == magic else {
            throw .damaged(offset: 0, "this is no segment file")
        }
        let stored: UInt32 = file.integer(at: 60)
        let actual = Checksum.crc32c(file[0..<60])
        guard stored == actual else {
            throw .checksum(offset: 0, what: "header", stored: stored, actual: actual)
        }
        let major: UInt16 = file.integer(at: 8)
        guard major == majorVersion else { throw .tooNew(UInt32(major), UInt32(majorVersion)) }
        let features: UInt32 = file.integer(at: 12)
        guard features & ~knownFeatures == 0 else { throw .unknownFeatures(features) }
        let header = SegmentHeader(
            tableID: file.integer(at: 20), segmentID: file.integer(at: 24),
            schemaVersion: file.integer(at: 32),
            rowCount: Int(file.integer(at: 36, as: UInt32.self)),
            columnCount: Int(file.integer(at: 40, as: UInt32.self)),
            blockRows: Int(file.integer(at: 44, as: UInt32.self)),
            optionalFeatures: file.integer(at: 16))
        guard (1...Limits.segmentRowsLimit).contains(header.rowCount),
            (1...Limits.columnCountLimit).contains(header.columnCount),
            (Limits.vectorRows...Limits.blockRowsLimit).contains(header.blockRows),
            header.blockRows % Limits.vectorRows == 0
        else { throw .damaged(offset: 36, "the header's counts are outside their limits") }
        return header
    }
}
