/// How to connect, and how much to receive ahead.
public struct ConnectionOptions: Sendable {
    /// How long the connection and the greeting may take together.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a server that owes an answer may be silent. A busy one is not: it answers a ping
    /// that is sent to it after half of that time.
    public var silenceTimeout: Duration = .seconds(30)
    /// Program and version, which the server's log shows. At most 128 bytes.
    public var clientName = "stoa-swift/1"
    /// Bytes of a result that may be on their way or unread.
    public var resultWindowByteCount = 8 << 20
    /// Largest message taken from the server.
    public var payloadByteCountLimit = 16 << 20

    /// The defaults.
    public init() {}
}
