internal import StoaBase
package import StoaModel

/// The answer to PING, with its request id and body; laid out like PING.
///
///     options: WRITE_REFUSAL, while rows would not be stored: the error's number u16, six zero
///              bytes, and its sentence
package struct Pong: WireMessage, Equatable {
    package static let kind = FrameKind.pong
    package static let fixedByteCount = 8

    /// Why the server stores nothing now.
    package struct WriteRefusal: Equatable, Sendable {
        /// The number of an `ErrorCode`, maybe of a later server's.
        package var rawCode: UInt16
        package var message: String

        package init(_ error: ServiceError) {
            rawCode = error.code.rawValue
            message = error.message
        }

        fileprivate init(rawCode: UInt16, message: String) {
            self.rawCode = rawCode
            self.message = message
        }
    }

    package var body: [UInt8]
    /// Nil: rows are stored.
    package var writeRefusal: WriteRefusal?

    package init(body: [UInt8] = [], writeRefusal: WriteRefusal? = nil) {
        self.body = body
        self.writeRefusal = writeRefusal
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        if let writeRefusal {
            var value = ByteWriter()
            value.append(writeRefusal.rawCode)
            value.append(UInt16(0))
            value.append(UInt32(0))
            value.append(contentsOf: Array(writeRefusal.message.utf8))
            writer.appendOption(.writeRefusal, value.bytes)
        }
        writer.body = body
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Pong {
        guard payload.body.count <= Ping.bodyByteCountLimit else { throw .badField("body") }
        return Pong(
            body: payload.body.array,
            writeRefusal: try payload.option(.writeRefusal).map(Self.writeRefusal))
    }

    private static func writeRefusal(_ value: Bytes) throws(WireError) -> WriteRefusal {
        guard value.count >= 8,
            let text = value[8..<value.count].withUnsafeBytes({
                String(validating: $0, as: UTF8.self)
            })
        else { throw .badField("option \(OptionTag.writeRefusal.rawValue)") }
        return WriteRefusal(rawCode: value.integer(at: 0), message: text)
    }
}
