internal import StoaBase

/// INGEST_ACK: the batch has reached the level asked for, or a higher one.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     1  ackLevel     the level reached
///          5     1  flags        bit 0: a duplicate; stored before, not stored again
///          6     2  reserved
///          8     8  lsn          the batch's number in the one order of all changes
///         16     8  generation   a query of this generation sees it
///         24     8  rowCount     rows of the batch
package struct IngestAck: WireMessage, Equatable {
    package static let kind = FrameKind.ingestAck
    package static let fixedByteCount = 32

    package var ackLevel: AckLevel
    package var isDuplicate: Bool
    package var lsn: UInt64
    package var generation: UInt64
    package var rowCount: UInt64

    package init(
        ackLevel: AckLevel = .visible, isDuplicate: Bool = false, lsn: UInt64, generation: UInt64,
        rowCount: UInt64
    ) {
        self.ackLevel = ackLevel
        self.isDuplicate = isDuplicate
        self.lsn = lsn
        self.generation = generation
        self.rowCount = rowCount
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(ackLevel.rawValue)
        writer.append(UInt8(isDuplicate ? 1 : 0))
        writer.append(UInt16(0))
        writer.append(lsn)
        writer.append(generation)
        writer.append(rowCount)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> IngestAck {
        guard let ackLevel = AckLevel(rawValue: payload.integer(at: 4)) else {
            throw .badField("ackLevel")
        }
        return IngestAck(
            ackLevel: ackLevel, isDuplicate: payload.fixed[5] & 1 != 0,
            lsn: payload.integer(at: 8), generation: payload.integer(at: 16),
            rowCount: payload.integer(at: 24))
    }
}
