/// BULK_ABORT: gives a bulk load up and leaves nothing. Answered by BULK_ABORTED.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
package struct BulkAbort: WireMessage, Equatable {
    package static let kind = FrameKind.bulkAbort
    package static let fixedByteCount = 8

    package init() {}

    package func encode(into writer: inout PayloadWriter) { writer.append(UInt32(0)) }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkAbort { BulkAbort() }
}
