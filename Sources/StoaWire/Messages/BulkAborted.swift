/// BULK_ABORTED: the load left nothing; the request is over.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
package struct BulkAborted: WireMessage, Equatable {
    package static let kind = FrameKind.bulkAborted
    package static let fixedByteCount = 8

    package init() {}

    package func encode(into writer: inout PayloadWriter) { writer.append(UInt32(0)) }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkAborted {
        BulkAborted()
    }
}
