internal import StoaBase

/// Asks the other side to answer with PONG and the same body; either side, any request id.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
///     body: at most 1,024 bytes, sent back
package struct Ping: WireMessage, Equatable {
    package static let kind = FrameKind.ping
    package static let fixedByteCount = 8
    /// Longest body.
    package static let bodyByteCountLimit = 1_024

    package var body: [UInt8]

    package init(body: [UInt8] = []) { self.body = body }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        writer.body = body
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Ping {
        guard payload.body.count <= bodyByteCountLimit else { throw .badField("body") }
        return Ping(body: payload.body.array)
    }
}
