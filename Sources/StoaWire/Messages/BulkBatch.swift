package import StoaBase

/// BULK_BATCH: the next rows of a bulk load. Answered by BULK_ACCEPTED, in order.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
///     body: a batch
package struct BulkBatch: WireMessage {
    package static let kind = FrameKind.bulkBatch
    package static let fixedByteCount = 8

    /// Not decoded yet. Empty on the way out, where the batch is handed to the encoder.
    package var batch: Bytes

    package init(batch: Bytes = .empty) { self.batch = batch }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        writer.body = batch.array
    }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkBatch {
        BulkBatch(batch: payload.body)
    }
}
