package import StoaBase
package import StoaModel
package import StoaWire

/// The limits of a server; every one of them protects it from a client that misbehaves.
package struct ServerOptions: Sendable {
    /// What WELCOME tells about program and database.
    package var identity: ServerIdentity
    /// What WELCOME tells about abilities.
    package var features = Features.version1
    /// Where connections, and what comes from their clients, are reserved.
    package var requestMemory = MemoryBudget(byteCountLimit: 256 << 20)
    /// Where what waits to be sent is reserved.
    package var resultMemory = MemoryBudget(byteCountLimit: 128 << 20)
    /// Connections at one time; one more is told TOO_MANY_CONNECTIONS.
    package var connectionLimit = 1_000
    /// Requests in flight on one connection; one more is told OVERLOADED.
    package var requestLimit = 64
    /// Largest payload taken after the handshake, in bytes.
    package var payloadByteCountLimit = Int(ProtocolVersion.payloadByteCountLimit)
    /// Bytes of unanswered INGEST payloads of one connection; beyond them it is not read.
    package var ingestWindowByteCount = 32 << 20
    /// Bytes of batches of one bulk load that the service has not taken in.
    package var bulkWindowByteCount = 16 << 20
    /// Bytes of results of one connection that the socket has not taken.
    package var resultWindowByteCount = 8 << 20
    /// How long a frame may take to arrive, apart from a second for each 64 KiB of it.
    package var frameTimeout = Duration.seconds(30)
    /// How long a new connection may take to say HELLO.
    package var handshakeTimeout = Duration.seconds(5)
    /// How long a connection without a running request may be silent.
    package var idleTimeout = Duration.seconds(600)
    /// How long a connection that goes down with the server still answers what arrives.
    package var lingerTime = Duration.milliseconds(100)
    /// The error that a batch would end with now, for PONG; nil when it would be stored. Called on
    /// the event loop.
    package var writeRefusal: @Sendable () -> ServiceError? = { nil }
    /// What the server counts, for whoever shows it.
    package var counters = ServerCounters()
    /// Where the server tells the operator what happens.
    package var events = EventLog.silent

    /// The defaults, for a server that calls itself `identity`.
    package init(identity: ServerIdentity) {
        self.identity = identity
    }

    /// Bytes of one read of a socket; each connection keeps a buffer of that size. A power of 2.
    package var receiveByteCount: Int {
        let share = requestMemory.byteCountLimit / 8 / max(1, connectionLimit)
        return min(
            256 << 10, max(4 << 10, 1 << (Int.bitWidth - 1 - max(1, share).leadingZeroBitCount)))
    }

    /// What the server says about itself to a client that speaks `version`.
    func welcome(version: UInt16) -> Welcome {
        Welcome(
            version: version, requestLimit: UInt32(clamping: requestLimit), features: features,
            limits: (
                UInt32(clamping: payloadByteCountLimit), UInt32(clamping: ingestWindowByteCount),
                UInt32(clamping: idleTimeout.components.seconds)
            ),
            identity: identity)
    }
}
