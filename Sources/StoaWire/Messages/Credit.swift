/// Allows the server to send more of a result.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  byteCount   added to the request's credit
///
/// Credit counts payload bytes of RESULT_BATCH. A batch may be sent while the credit is above
/// zero and may take it below; so any window makes progress.
package struct Credit: WireMessage, Equatable {
    package static let kind = FrameKind.credit
    package static let fixedByteCount = 8

    package var byteCount: UInt32

    package init(byteCount: UInt32) { self.byteCount = byteCount }

    package func encode(into writer: inout PayloadWriter) { writer.append(byteCount) }

    package static func decode(_ payload: Payload) throws(WireError) -> Credit {
        Credit(byteCount: payload.integer(at: 4))
    }
}
