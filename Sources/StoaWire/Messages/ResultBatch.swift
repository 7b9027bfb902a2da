package import StoaBase

/// RESULT_BATCH: rows of a result, in the batch format. The first one always comes, with no
/// rows if there are none, because it carries the names and types.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  batchIndex   0, 1, 2, … within the result
///     body: a batch
package struct ResultBatch: WireMessage {
    package static let kind = FrameKind.resultBatch
    package static let fixedByteCount = 8

    package var batchIndex: UInt32
    /// Not decoded yet. Empty on the way out, where the batch is handed to the encoder.
    package var batch: Bytes

    package init(batchIndex: UInt32, batch: Bytes = .empty) {
        self.batchIndex = batchIndex
        self.batch = batch
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(batchIndex)
        writer.body = batch.array
    }

    package static func decode(_ payload: Payload) throws(WireError) -> ResultBatch {
        ResultBatch(batchIndex: payload.integer(at: 4), batch: payload.body)
    }
}
