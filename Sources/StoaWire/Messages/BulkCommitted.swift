/// BULK_COMMITTED: the rows are on stable storage and visible; the request is over.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
///          8     8  lsn
///         16     8  generation
///         24     8  rowCount
package struct BulkCommitted: WireMessage, Equatable {
    package static let kind = FrameKind.bulkCommitted
    package static let fixedByteCount = 32

    package var lsn: UInt64
    package var generation: UInt64
    package var rowCount: UInt64

    package init(lsn: UInt64, generation: UInt64, rowCount: UInt64) {
        self.lsn = lsn
        self.generation = generation
        self.rowCount = rowCount
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        writer.append(lsn)
        writer.append(generation)
        writer.append(rowCount)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkCommitted {
        BulkCommitted(
            lsn: payload.integer(at: 8), generation: payload.integer(at: 16),
            rowCount: payload.integer(at: 24))
    }
}
