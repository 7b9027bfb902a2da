/// BULK_ACCEPTED: the server has taken one more batch in, and gives its bytes back as credit.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  credit     bytes added to the load's credit
///          8     8  rowCount   rows of the load taken in so far
package struct BulkAccepted: WireMessage, Equatable {
    package static let kind = FrameKind.bulkAccepted
    package static let fixedByteCount = 16

    package var credit: UInt32
    package var rowCount: UInt64

    package init(credit: UInt32, rowCount: UInt64) {
        self.credit = credit
        self.rowCount = rowCount
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(credit)
        writer.append(rowCount)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkAccepted {
        BulkAccepted(credit: payload.integer(at: 4), rowCount: payload.integer(at: 8))
    }
}
