/// The answer to HELLO, request 0.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  magic                  "STOA"
///          8     2  version                the version spoken from here on
///         10     2  reserved
///         12     4  requestLimit           requests in flight on this connection
///         16     8  features               Features the server has
///         24     4  payloadByteCountLimit  largest payload the server takes
///         28     4  ingestWindow           bytes of unanswered INGEST payloads
///         32     4  idleTimeoutSeconds     a silent client is let go after this; 0: never
///         36     4  reserved
///         40     8  databaseHigh           the database's identity, the same after restarts
///         48     8  databaseLow
///         56     8  incarnation            grows when history is replaced (a restore)
///     options: SERVER_NAME
package struct Welcome: WireMessage, Equatable {
    package static let kind = FrameKind.welcome
    package static let fixedByteCount = 64

    package var version: UInt16
    package var requestLimit: UInt32
    package var features: Features
    package var payloadByteCountLimit: UInt32
    package var ingestWindow: UInt32
    package var idleTimeoutSeconds: UInt32
    package var databaseHigh: UInt64
    package var databaseLow: UInt64
    package var incarnation: UInt64
    /// Program and version: `stoad/0.1`.
    package var serverName: String

    package init(
        version: UInt16 = ProtocolVersion.current, requestLimit: UInt32,
        features: Features = .version1,
        limits: (payload: UInt32, ingestWindow: UInt32, idleTimeoutSeconds: UInt32),
        identity: ServerIdentity
    ) {
        self.version = version
        self.requestLimit = requestLimit
        self.features = features
        payloadByteCountLimit = limits.payload
        ingestWindow = limits.ingestWindow
        idleTimeoutSeconds = limits.idleTimeoutSeconds
        databaseHigh = identity.databaseHigh
        databaseLow = identity.databaseLow
        incarnation = identity.incarnation
        serverName = identity.name
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(Hello.magic)
        writer.append(version)
        writer.append(UInt16(0))
        writer.append(requestLimit)
        writer.append(features.rawValue)
        writer.append(payloadByteCountLimit)
        writer.append(ingestWindow)
        writer.append(idleTimeoutSeconds)
        writer.append(UInt32(0))
        writer.append(databaseHigh)
        writer.append(databaseLow)
        writer.append(incarnation)
        writer.appendOption(.serverName, text: serverName)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Welcome {
        guard payload.integer(at: 4, as: UInt32.self) == Hello.magic else {
            throw .badField("magic")
        }
        let identity = ServerIdentity(
            name: try payload.text(.serverName) ?? "", databaseHigh: payload.integer(at: 40),
            databaseLow: payload.integer(at: 48), incarnation: payload.integer(at: 56))
        return Welcome(
            version: payload.integer(at: 8), requestLimit: payload.integer(at: 12),
            features: Features(rawValue: payload.integer(at: 16)),
            limits: (payload.integer(at: 24), payload.integer(at: 28), payload.integer(at: 32)),
            identity: identity)
    }
}
