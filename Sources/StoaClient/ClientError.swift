internal import StoaModel
internal import StoaWire

/// Why a call failed: what the server answered, or what went wrong on this side.
public struct ClientError: Error, Equatable, Sendable {
    /// A stable number. The set grows with later servers, so compare with the ones you know.
    ///
    /// 1xxx: change the request. 2xxx: wait and retry. 3xxx: the server's machine. 4xxx: the
    /// stored data. 5xxx: this side of the connection.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The address cannot be understood.
        public static let badURL = Code(rawValue: 5_001)
        /// Nobody answers at the address, or not in time.
        public static let cannotConnect = Code(rawValue: 5_002)
        /// The connection ended before the answer; whether the request took effect is unknown.
        public static let connectionLost = Code(rawValue: 5_003)
        /// The other side does not speak this protocol.
        public static let notAServer = Code(rawValue: 5_004)
        /// A request on a connection that was closed here.
        public static let closed = Code(rawValue: 5_005)
        /// The result has already been read.
        public static let alreadyRead = Code(rawValue: 5_006)

        /// The statement does not parse.
        public static let syntaxError = Code(rawValue: 1_001)
        /// There is no such table.
        public static let unknownTable = Code(rawValue: 1_002)
        /// There is no such column.
        public static let unknownColumn = Code(rawValue: 1_003)
        /// There is such a table already.
        public static let tableExists = Code(rawValue: 1_006)
        /// The server knows the request and does not do it yet.
        public static let notSupported = Code(rawValue: 1_017)
        /// Bytes of the wrong form were sent or received.
        public static let protocolError = Code(rawValue: 1_018)
        /// A message is larger than the other side takes.
        public static let frameTooLarge = Code(rawValue: 1_019)
        /// A batch is malformed.
        public static let badBatch = Code(rawValue: 1_015)
        /// The request was cancelled.
        public static let cancelled = Code(rawValue: 1_026)
        /// The server has too much to do.
        public static let overloaded = Code(rawValue: 2_001)
        /// The request took longer than allowed.
        public static let timeout = Code(rawValue: 2_003)
        /// The server is going down.
        public static let shuttingDown = Code(rawValue: 2_004)
    }

    /// The stable number.
    public var code: Code
    /// The number's name, as the manual spells it: `UNKNOWN_TABLE`. Empty on this side's codes.
    public var name: String
    /// One sentence.
    public var message: String
    /// What to do, if the server has something to say.
    public var hint: String?
    /// Where in the statement it is: offsets in bytes of UTF-8.
    public var position: Range<Int>?
    /// Whether the same request may succeed later without a change.
    public var isRetriable: Bool
    /// The nearest SQLSTATE; `08006` on this side's codes.
    public var sqlState: String
    /// How long to wait before trying again, if the server says.
    public var retryAfter: Duration?

    /// Whether the request never left this side, so that sending it anew does nothing twice.
    package var isUnsent = false

    /// An error of this side.
    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.name = ""
        self.message = message
        self.hint = hint
        isRetriable = code == .cannotConnect
        sqlState = "08006"
    }

    /// What the server answered.
    init(_ error: ErrorMessage) {
        code = Code(rawValue: error.rawCode)
        name = error.name
        message = error.message
        hint = error.hint
        position = error.position
        isRetriable = error.isRetriable
        sqlState = error.sqlState
        let pause = error.retryAfterMilliseconds
        retryAfter = pause == 0 ? nil : .milliseconds(Int64(pause))
    }

    /// What a server says that stores no rows.
    init(_ refusal: Pong.WriteRefusal) {
        self.init(Code(rawValue: refusal.rawCode), refusal.message)
        if let code = ErrorCode(rawValue: refusal.rawCode) {
            name = code.name
            isRetriable = code.isRetriable
            sqlState = code.sqlState
        }
    }

    /// What this side found wrong with the server's bytes.
    init(_ error: WireError) {
        self.init(ErrorMessage(error.serviceError))
    }
}

extension ClientError: CustomStringConvertible {
    /// The code's name and the sentence.
    public var description: String {
        "\(name.isEmpty ? "error \(code.rawValue)" : name): \(message)"
    }
}
