internal import StoaBase

/// The answer to PING, with its request id and body; laid out like PING.
package struct Pong: WireMessage, Equatable {
    package static let kind = FrameKind.pong
    package static let fixedByteCount = 8

    package var body: [UInt8]

    package init(body: [UInt8] = []) { self.body = body }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        writer.body = body
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Pong {
        guard payload.body.count <= Ping.bodyByteCountLimit else { throw .badField("body") }
        return Pong(body: payload.body.array)
    }
}
