package import StoaBase
package import StoaModel

/// The payload of a batch record: whose batch it is, where it goes, and its bytes as they came.
///
///     offset  size  field
///          0    16  producer           high, low; zero: none
///         16     4  stream
///         20     4  producer epoch
///         24     8  sequence
///         32     4  table id
///         36     4  schema version     of the table when the batch was admitted
///         40     4  columnCount        of the batch
///         44     4  headByteCount      where the batch begins: a multiple of 8, later versions
///                                      may put more fields behind the column ids
///         48   4×n  column ids         of the table, one for each column of the batch
///          …     …  zeros up to headByteCount, then the batch, verbatim
package struct BatchPayload: Sendable {
    static let fixedByteCount = 48

    package var origin: BatchOrigin
    package var tableID: TableID
    package var schemaVersion: UInt32
    package var columnIDs: [UInt32]
    package var batch: Bytes

    package init(
        origin: BatchOrigin, tableID: TableID, schemaVersion: UInt32, columnIDs: [UInt32],
        batch: Bytes
    ) {
        self.origin = origin
        self.tableID = tableID
        self.schemaVersion = schemaVersion
        self.columnIDs = columnIDs
        self.batch = batch
    }

    private var headByteCount: Int { (Self.fixedByteCount + columnIDs.count * 4 + 7) / 8 * 8 }

    /// Bytes that `encode` appends.
    package var byteCount: Int { headByteCount + batch.count }

    /// Appends `byteCount` bytes.
    package func encode(into output: inout ByteWriter) {
        invariant(columnIDs.count <= Limits.columnCountLimit, "a reader takes the column ids")
        var head = ByteWriter(reservingCapacity: headByteCount)
        head.append(origin.producerHigh)
        head.append(origin.producerLow)
        head.append(origin.stream)
        head.append(origin.epoch)
        head.append(origin.sequence)
        head.append(tableID)
        head.append(schemaVersion)
        head.append(UInt32(columnIDs.count))
        head.append(UInt32(headByteCount))
        for id in columnIDs { head.append(id) }
        head.align(to: 8)
        invariant(head.count == headByteCount, "the table above is the format")
        output.append(contentsOf: head)
        output.append(contentsOf: batch)
    }

    /// The payload in `bytes`; nil when there is none.
    package static func decode(_ bytes: Bytes) -> BatchPayload? {
        guard bytes.count >= fixedByteCount else { return nil }
        let columnCount = Int(bytes.integer(at: 40, as: UInt32.self))
        let headByteCount = Int(bytes.integer(at: 44, as: UInt32.self))
        guard columnCount <= Limits.columnCountLimit, headByteCount % 8 == 0,
            headByteCount >= fixedByteCount + columnCount * 4, headByteCount <= bytes.count
        else { return nil }
        return BatchPayload(
            origin: BatchOrigin(
                producerHigh: bytes.integer(at: 0), producerLow: bytes.integer(at: 8),
                stream: bytes.integer(at: 16), epoch: bytes.integer(at: 20),
                sequence: bytes.integer(at: 24)),
            tableID: bytes.integer(at: 32), schemaVersion: bytes.integer(at: 36),
            columnIDs: (0..<columnCount).map { bytes.integer(at: fixedByteCount + $0 * 4) },
            batch: bytes[headByteCount..<bytes.count])
    }

    /// What tells a repeated batch from another one with the same number: the sum of the table
    /// and the batch, without the epoch, which a restarted producer changes.
    package static func fingerprint(tableID: TableID, batch: Bytes) -> UInt32 {
        let start = withUnsafeBytes(of: tableID.littleEndian) { Checksum.crc32c($0) }
        return batch.withUnsafeBytes { Checksum.crc32c($0, continuing: start) }
    }
}
