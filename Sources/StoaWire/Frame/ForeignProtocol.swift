/// A protocol that is not ours, known from the first four bytes of a connection.
///
/// The first word of our own first frame is a length of at most 4,096, so its last two bytes are
/// zero and one of the first two is not. Nothing below looks like that.
package enum ForeignProtocol: Equatable, Sendable {
    case http
    case tls
    case postgres
    case unknown

    /// Names the protocol of `word`, the first four bytes as a little-endian number, which is
    /// no length of a first frame.
    package init(firstWord word: UInt32) {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: word >> (UInt32($0) * 8)) }
        if Self.httpMethods.contains(where: { bytes.starts(with: $0.utf8) }) {
            self = .http
        } else if bytes[0] == 0x16, bytes[1] == 3 {
            self = .tls
        } else if bytes[0] == 0, bytes[1] == 0 {
            self = .postgres
        } else {
            self = .unknown
        }
    }

    private static let httpMethods = [
        "GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "PATC", "CONN", "TRAC", "PRI ",
    ]

    /// One sentence for the person who connected.
    package var explanation: String {
        switch self {
        case .http:
            "this port speaks the Stoa protocol, and an HTTP request arrived"
        case .tls:
            "this port speaks the Stoa protocol without TLS, and a TLS handshake arrived"
        case .postgres:
            "this port speaks the Stoa protocol, and a PostgreSQL startup message arrived"
        case .unknown:
            "this port speaks the Stoa protocol, and the first bytes are no HELLO"
        }
    }
}
