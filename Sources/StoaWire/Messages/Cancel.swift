/// Asks to end the request of the frame's request id. It ends with its usual last frame, or
/// with ERROR CANCELLED; a cancel that comes too late is ignored.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
package struct Cancel: WireMessage, Equatable {
    package static let kind = FrameKind.cancel
    package static let fixedByteCount = 8

    package init() {}

    package func encode(into writer: inout PayloadWriter) { writer.append(UInt32(0)) }

    package static func decode(_ payload: Payload) throws(WireError) -> Cancel { Cancel() }
}
