/// The sender starts nothing new on this connection; request 0. Running requests end first,
/// then the connection closes.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     2  reason   Reason
///          6     2  reserved
///     body: a sentence, for logs
package struct Goodbye: WireMessage, Equatable {
    package static let kind = FrameKind.goodbye
    package static let fixedByteCount = 8

    /// Why a connection ends. Append; never renumber. Unknown numbers count as `done`.
    package enum Reason: UInt16, CaseIterable, Sendable {
        case done = 0
        case shuttingDown = 1
        case idle = 2
    }

    package var reason: Reason
    package var message: String

    package init(_ reason: Reason, message: String = "") {
        self.reason = reason
        self.message = message
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(reason.rawValue)
        writer.append(UInt16(0))
        writer.body = Array(message.utf8)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Goodbye {
        Goodbye(
            Reason(rawValue: payload.integer(at: 4)) ?? .done, message: try payload.bodyText())
    }
}
