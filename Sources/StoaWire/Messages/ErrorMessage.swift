internal import StoaBase
package import StoaModel

/// The last frame of a request that failed. With request 0 it concerns no single request.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     2  code             stable number, see ErrorCode
///          6     2  flags            bit 0: retriable; bit 1: position present;
///                                    bit 2: the connection closes now
///          8     5  sqlState         five ASCII characters
///         13     3  reserved
///         16     4  positionOffset   bytes of UTF-8 into the statement
///         20     4  positionLength   bytes
///         24     4  retryAfterMilliseconds  0: nothing to say
///         28     4  reserved
///     options: ERROR_NAME (the code's name), HINT
///     body: one sentence
package struct ErrorMessage: WireMessage, Equatable {
    package static let kind = FrameKind.error
    package static let fixedByteCount = 32

    /// A number of this or of a later version.
    package var rawCode: UInt16
    package var isRetriable: Bool
    package var endsConnection: Bool
    package var sqlState: String
    package var position: Range<Int>?
    package var retryAfterMilliseconds: UInt32
    package var name: String
    package var hint: String?
    package var message: String

    /// What a server says about `error`.
    package init(_ error: ServiceError, endsConnection: Bool = false) {
        self.endsConnection = endsConnection
        rawCode = error.code.rawValue
        isRetriable = error.code.isRetriable
        sqlState = error.code.sqlState
        position = error.position
        retryAfterMilliseconds = error.retryAfterMilliseconds ?? 0
        name = error.code.name
        hint = error.hint
        message = error.message
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(rawCode)
        let flags = (isRetriable ? 1 : 0) | (position == nil ? 0 : 2) | (endsConnection ? 4 : 0)
        writer.append(UInt16(flags))
        let state = Array(sqlState.utf8.prefix(5))
        for index in 0..<8 { writer.append(index < state.count ? state[index] : 0) }
        writer.append(UInt32(clamping: position?.lowerBound ?? 0))
        writer.append(UInt32(clamping: position?.count ?? 0))
        writer.append(retryAfterMilliseconds)
        writer.append(UInt32(0))
        writer.appendOption(.errorName, text: name)
        if let hint { writer.appendOption(.hint, text: hint) }
        writer.body = Array(message.utf8)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> ErrorMessage {
        let state = (8..<13).map { payload.fixed[$0] }
        guard state.allSatisfy({ (0x20..<0x7F).contains($0) }) else { throw .badField("sqlState") }
        var error = ErrorMessage(ServiceError(.protocolError, try payload.bodyText()))
        let flags: UInt16 = payload.integer(at: 6)
        let offset = Int(payload.integer(at: 16, as: UInt32.self))
        let length = Int(payload.integer(at: 20, as: UInt32.self))
        error.rawCode = payload.integer(at: 4)
        error.isRetriable = flags & 1 != 0
        error.endsConnection = flags & 4 != 0
        error.sqlState = String(decoding: state, as: UTF8.self)
        error.position = flags & 2 != 0 ? offset..<offset + length : nil
        error.retryAfterMilliseconds = payload.integer(at: 24)
        error.name = try payload.text(.errorName) ?? ""
        error.hint = try payload.text(.hint)
        return error
    }
}
