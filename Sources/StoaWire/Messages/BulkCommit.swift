/// BULK_COMMIT: all batches are sent. Answered by BULK_COMMITTED or ERROR.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
///          8     8  rowCount   rows of all batches; another number at the server is an error
package struct BulkCommit: WireMessage, Equatable {
    package static let kind = FrameKind.bulkCommit
    package static let fixedByteCount = 16

    package var rowCount: UInt64

    package init(rowCount: UInt64) { self.rowCount = rowCount }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        writer.append(rowCount)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkCommit {
        BulkCommit(rowCount: payload.integer(at: 8))
    }
}
