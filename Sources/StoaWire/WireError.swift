package import StoaModel

/// Why bytes from the network are no message. Never carries a byte of them.
package enum WireError: Error, Equatable, Sendable {
    /// The first word of the connection belongs to another protocol.
    case foreignProtocol(ForeignProtocol)
    case frameTooLarge(byteCount: UInt32, byteCountLimit: UInt32)
    /// A reserved header field or an unknown flag was not zero.
    case badHeader
    case checksumMismatch
    /// The connection ended inside a frame.
    case truncatedFrame
    case unknownKind(UInt8)
    /// A known kind that this side never takes, or not now.
    case unexpectedKind(FrameKind)
    /// The payload is shorter than its fixed part.
    case truncatedPayload(FrameKind)
    /// The option list does not fill its space exactly.
    case badOptions(FrameKind)
    /// An option that must be understood is not.
    case unknownOption(tag: UInt16)
    case missingOption(OptionTag)
    /// A field has a value outside its range; `name` is the field's name on the wire page.
    case badField(String)
    case versionMismatch(minimum: UInt16, maximum: UInt16)

    /// Whether the two sides can no longer agree where a frame begins, so that the connection
    /// ends. Everything else fails one request only.
    package var endsConnection: Bool {
        switch self {
        case .foreignProtocol, .frameTooLarge, .badHeader, .checksumMismatch, .truncatedFrame,
            .versionMismatch:
            true
        case .unknownKind, .unexpectedKind, .truncatedPayload, .badOptions, .unknownOption,
            .missingOption, .badField:
            false
        }
    }

    /// What the other side is told.
    package var serviceError: ServiceError {
        switch self {
        case .foreignProtocol(let seen):
            ServiceError(.protocolError, seen.explanation)
        case .frameTooLarge(let byteCount, let limit):
            ServiceError(
                .frameTooLarge, "a frame of \(byteCount) bytes; at most \(limit) are taken here",
                hint: "Send smaller batches; WELCOME tells the limit.")
        case .badHeader:
            ServiceError(.protocolError, "a reserved field of a frame header is not zero")
        case .checksumMismatch:
            ServiceError(.protocolError, "the checksum of a frame does not match its payload")
        case .truncatedFrame:
            ServiceError(.protocolError, "the connection ended inside a frame")
        case .unknownKind(let raw):
            ServiceError(.protocolError, "frame kind \(raw) is unknown")
        case .unexpectedKind(let kind):
            ServiceError(.protocolError, "frame kind \(kind.rawValue) is not expected here")
        case .truncatedPayload(let kind):
            ServiceError(
                .protocolError, "the payload of frame kind \(kind.rawValue) is too short")
        case .badOptions(let kind):
            ServiceError(
                .protocolError, "the options of frame kind \(kind.rawValue) are malformed")
        case .unknownOption(let tag):
            ServiceError(.notSupported, "option \(tag) must be understood and is not known here")
        case .missingOption(let tag):
            ServiceError(.protocolError, "option \(tag.rawValue) is missing")
        case .badField(let name):
            ServiceError(.protocolError, "field \(name) has an impossible value")
        case .versionMismatch(let minimum, let maximum):
            ServiceError(
                .versionMismatch,
                "the client speaks protocol versions \(minimum) to \(maximum), this side 1")
        }
    }
}
