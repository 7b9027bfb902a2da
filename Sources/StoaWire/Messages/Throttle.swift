/// Asks the client to send less: to hold new batches back for a while. With a request id it
/// concerns that request, with 0 the connection.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     2  reason                  Reason
///          6     2  reserved
///          8     4  retryAfterMilliseconds
///         12     4  ingestWindow            the new window in bytes; 0: as before
package struct Throttle: WireMessage, Equatable {
    package static let kind = FrameKind.throttle
    package static let fixedByteCount = 16

    /// What is short. Append; never renumber.
    package enum Reason: UInt16, CaseIterable, Sendable {
        case memory = 1
        case disk = 2
        case sealing = 3
        case inputWindow = 4
    }

    package var reason: Reason
    package var retryAfterMilliseconds: UInt32
    package var ingestWindow: UInt32

    package init(_ reason: Reason, retryAfterMilliseconds: UInt32, ingestWindow: UInt32 = 0) {
        self.reason = reason
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.ingestWindow = ingestWindow
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(reason.rawValue)
        writer.append(UInt16(0))
        writer.append(retryAfterMilliseconds)
        writer.append(ingestWindow)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Throttle {
        guard let reason = Reason(rawValue: payload.integer(at: 4)) else {
            throw .badField("reason")
        }
        return Throttle(
            reason, retryAfterMilliseconds: payload.integer(at: 8),
            ingestWindow: payload.integer(at: 12))
    }
}
