package import StoaBase
package import StoaModel

/// INGEST: one batch for one table, stored whole or not at all. Answered by INGEST_ACK or ERROR.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     1  ackLevel       AckLevel: when to answer
///          5     3  reserved
///          8     8  producerHigh   both halves zero: no producer, no deduplication
///         16     8  producerLow
///         24     4  stream
///         28     4  epoch
///         32     8  sequence       1, 2, 3, … within one stream
///     options: TABLE (required)
///     body: a batch
package struct IngestRequest: WireMessage {
    package static let kind = FrameKind.ingest
    package static let fixedByteCount = 40

    package var table: String
    package var origin: BatchOrigin
    package var ackLevel: AckLevel
    /// Not decoded yet. Empty on the way out, where the batch is handed to the encoder.
    package var batch: Bytes

    package init(
        table: String, origin: BatchOrigin = .none, ackLevel: AckLevel = .visible,
        batch: Bytes = .empty
    ) {
        self.table = table
        self.origin = origin
        self.ackLevel = ackLevel
        self.batch = batch
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(ackLevel.rawValue)
        for _ in 0..<3 { writer.append(UInt8(0)) }
        writer.append(origin.producerHigh)
        writer.append(origin.producerLow)
        writer.append(origin.stream)
        writer.append(origin.epoch)
        writer.append(origin.sequence)
        writer.appendOption(.table, mustUnderstand: true, text: table)
        writer.body = batch.array
    }

    package static func decode(_ payload: Payload) throws(WireError) -> IngestRequest {
        guard let ackLevel = AckLevel(rawValue: payload.integer(at: 4)) else {
            throw .badField("ackLevel")
        }
        let origin = BatchOrigin(
            producerHigh: payload.integer(at: 8), producerLow: payload.integer(at: 16),
            stream: payload.integer(at: 24), epoch: payload.integer(at: 28),
            sequence: payload.integer(at: 32))
        return IngestRequest(
            table: try payload.requiredText(.table), origin: origin, ackLevel: ackLevel,
            batch: payload.body)
    }
}
