package import NIOCore
package import StoaBase
internal import StoaModel
package import StoaWire

/// Every decision about one connection: what a frame, a reply or a timer means. Events come in,
/// actions go out; no clock, no socket, no thread.
///
///     greeting ──HELLO──▶ open ──GOODBYE, drain──▶ leaving ──last request over──▶ closed
///         └──anything else──▶ closed ◀──malformed frame, idle──┘
package struct Session {
    /// What the handler is to do, in this order.
    package enum Action {
        /// The client has said hello under this name: what it asks from here on is a session's.
        case open(clientName: String)
        case start(UInt32, serial: UInt64, Request)
        case cancel(UInt32)
        case addCredit(UInt32, Int)
        case appendBulk(UInt32, Bytes)
        case commitBulk(UInt32, rowCount: UInt64)
        case abortBulk(UInt32)
        /// The request is over: its handle can go.
        case forget(UInt32)
        case send(ByteBuffer)
        /// A result's batch; `flushed` reports when the socket has taken it.
        case sendBatch(UInt32, serial: UInt64, ByteBuffer)
        /// The handshake is over: larger frames are taken now.
        case raiseFrameLimit(UInt32)
        /// Text for a peer that speaks something else.
        case sendText([UInt8])
        /// Close after a moment: what the client sent before it knew gets its answer.
        case linger
        /// Close once everything is sent.
        case close
    }

    /// Where the connection stands.
    package enum Phase: Sendable {
        case greeting
        /// There are too many connections: the greeting is answered with a refusal.
        case refusing
        case open
        /// Nothing new begins; the connection closes when the last request is over.
        case leaving
        case closed
    }

    /// One running request.
    struct Running {
        enum Flow {
            case result(ResultFlow)
            case ingest(byteCount: Int)
            case bulk(BulkFlow)
        }

        let serial: UInt64
        var flow: Flow

        /// Whether it cannot go on before the client says something.
        var isClientsTurn: Bool {
            switch flow {
            case .result(let flow): flow.isClientsTurn
            case .ingest: false
            case .bulk(let flow): flow.isClientsTurn
            }
        }
    }

    let options: ServerOptions
    package private(set) var phase: Phase
    /// Whether the server goes down.
    private(set) var isDraining = false
    private(set) var running: [UInt32: Running] = [:]
    private var lastSerial: UInt64 = 0
    private var ingestByteCount = 0
    private let results: MemoryBudget?
    /// What running results may still send.
    private let grants: MemoryShare?
    /// Whether a result could go on if there were memory for it.
    package internal(set) var needsResultMemory = false
    /// Largest payload that the client takes.
    private var clientPayloadLimit = 0

    /// A session whose client has not said anything yet; `isRefused` when it is one too many.
    /// What results may send is reserved from `results`.
    package init(
        options: ServerOptions, isRefused: Bool = false, results: MemoryBudget? = nil
    ) {
        self.options = options
        self.results = results
        grants = results.map { MemoryShare(of: $0) }
        phase = isRefused ? .refusing : .greeting
    }

    /// Whether the connection is to be read: not while too many batches wait for an answer.
    package var isReading: Bool { ingestByteCount <= options.ingestWindowByteCount }

    /// The decoder cut one more frame.
    package mutating func received(_ frame: Frame) -> [Action] {
        guard frame.isKept else { return refusedForMemory(frame.header) }
        do throws(WireError) {
            switch phase {
            case .greeting: return try greet(frame)
            case .refusing:
                return failConnection(
                    ServiceError(
                        .tooManyConnections,
                        "the server has its limit of \(options.connectionLimit) connections",
                        hint: "Close connections that are not used, or try again later."))
            case .open, .leaving: return try receivedRequest(frame)
            case .closed: return []
            }
        } catch {
            return refuse(frame.header, error)
        }
    }

    /// The decoder gave up: where the next frame begins is unknown.
    package mutating func failed(_ error: WireError) -> [Action] {
        switch error {
        case .foreignProtocol(let seen) where phase == .greeting || phase == .refusing:
            phase = .closed
            return [.sendText(ForeignAnswer.text(for: seen)), .close]
        case .foreignProtocol, .frameTooLarge, .badHeader, .checksumMismatch, .truncatedFrame,
            .unknownKind, .unexpectedKind, .truncatedPayload, .badOptions, .unknownOption,
            .missingOption, .badField, .versionMismatch:
            return phase == .closed ? [] : failConnection(error.serviceError)
        }
    }

    /// A frame took longer to arrive than it may.
    package mutating func frameTimedOut() -> [Action] {
        guard phase != .closed else { return [] }
        return failConnection(
            ServiceError(
                .timeout, "a frame was begun and did not arrive within its time",
                hint: "Send frames without pauses, or raise frame-timeout-seconds."))
    }

    /// The client did not say HELLO in time.
    package mutating func handshakeTimedOut() -> [Action] {
        guard phase == .greeting || phase == .refusing else { return [] }
        return failConnection(ServiceError(.timeout, "no HELLO within the time for a handshake"))
    }

    /// The connection was silent for the whole idle time; `isStuck` when it does not even take
    /// what is sent to it.
    package mutating func idleTimedOut(isStuck: Bool) -> [Action] {
        guard phase == .open || phase == .leaving,
            isStuck || running.values.allSatisfy(\.isClientsTurn)
        else { return [] }
        let goodbye = Goodbye(.idle, message: "the connection was idle for too long")
        return cancelAll() + leave() + [.send(FrameEncoder.encode(goodbye, requestID: 0)), .close]
    }

    /// The server is going down.
    package mutating func didBeginDraining() -> [Action] {
        isDraining = true
        switch phase {
        case .greeting, .refusing:
            return failConnection(ServiceError(.shuttingDown, "the server is shutting down"))
        case .open:
            phase = .leaving
            let goodbye = Goodbye(.shuttingDown, message: "the server is shutting down")
            return [.send(FrameEncoder.encode(goodbye, requestID: 0))] + closeIfDone()
        case .leaving, .closed: return []
        }
    }

    /// Clients have had their moment to hear that the server goes down.
    package mutating func lingerEnded() -> [Action] {
        guard phase == .leaving, running.isEmpty else { return [] }
        phase = .closed
        return [.close]
    }

    /// The server waits no longer: loads that were not told to commit end with the certainty that
    /// nothing of them is stored. What became of other requests only their own answer could say.
    package mutating func drainTimedOut() -> [Action] {
        var actions: [Action] = []
        for (requestID, request) in running.sorted(by: { $0.key < $1.key }) {
            guard case .bulk(let flow) = request.flow, !flow.isCommitted else { continue }
            actions += failRequest(
                requestID,
                ServiceError(
                    .shuttingDown, "The daemon is stopping.",
                    hint: "Nothing of the load is stored; send it again after a restart."))
        }
        return actions
    }

    /// The connection is gone: nobody waits for its requests.
    package mutating func connectionLost() -> [Action] {
        cancelAll() + leave()
    }

    // MARK: Steps that the extensions share

    /// Opens the books for a request.
    mutating func begin(_ requestID: UInt32, _ flow: Running.Flow, _ request: Request) -> [Action] {
        lastSerial += 1
        running[requestID] = Running(serial: lastSerial, flow: flow)
        countGrants()
        if case .ingest(let byteCount) = flow { ingestByteCount += byteCount }
        return [.start(requestID, serial: lastSerial, request)]
    }

    /// Lets a result send more: as much as its window allows, less when memory is short, nothing
    /// when there is none. What was granted.
    mutating func grant(_ flow: inout ResultFlow, window: Int) -> Int {
        let wanted = flow.wanted(window: window)
        guard wanted > 0 else { return 0 }
        let least = min(wanted, ConnectionMemory.guaranteedResultByteCount)
        for byteCount in [wanted, max(least, wanted / 8), least] {
            guard results?.hasRoom(for: byteCount) ?? true else { continue }
            flow.didGrant(byteCount: byteCount)
            return byteCount
        }
        needsResultMemory = true
        return 0
    }

    /// Counts what running results may still send.
    mutating func countGrants() {
        guard let grants else { return }
        var byteCount = 0
        for case .result(let flow) in running.values.lazy.map(\.flow) {
            byteCount += flow.outstanding
        }
        grants.set(byteCount)
    }

    /// Lets results go on for which there was no memory before.
    package mutating func retryGrants() -> [Action] {
        guard needsResultMemory else { return [] }
        needsResultMemory = false
        var actions: [Action] = []
        for (requestID, request) in running.sorted(by: { $0.value.serial < $1.value.serial }) {
            if case .result(let flow) = request.flow { actions += grant(requestID, flow) }
        }
        return actions
    }

    /// Others wait for what requests hold with which only the client can go on.
    package mutating func giveUpIdle() -> [Action] {
        var actions: [Action] = []
        for (requestID, request) in running.sorted(by: { $0.value.serial < $1.value.serial }) {
            guard request.isClientsTurn else { continue }
            actions += failRequest(
                requestID,
                ServiceError(
                    .overloaded,
                    "the request was given up: the client left it alone while others waited",
                    hint: "Read results as they come, and send a load without pauses.",
                    retryAfterMilliseconds: 1_000))
        }
        return actions
    }

    /// There was no memory for a frame, or for its request.
    package mutating func refusedForMemory(_ header: FrameHeader) -> [Action] {
        failRequest(
            header.requestID,
            ServiceError(
                .overloaded,
                "the server has no memory for a request of \(header.payloadByteCount) bytes now",
                hint: "Try again later, with smaller batches, or raise memory-limit.",
                retryAfterMilliseconds: 500))
    }

    /// Changes the state of a running request.
    mutating func update(_ requestID: UInt32, _ flow: Running.Flow) {
        running[requestID]?.flow = flow
        if case .result = flow { countGrants() }
    }

    /// Closes the books of a request.
    mutating func end(_ requestID: UInt32) {
        if case .ingest(let byteCount) = running.removeValue(forKey: requestID)?.flow {
            ingestByteCount -= byteCount
        }
        countGrants()
    }

    /// Answers a request with an error; a running one ends with it.
    mutating func failRequest(_ requestID: UInt32, _ error: ServiceError) -> [Action] {
        var actions: [Action] = []
        if running[requestID] != nil {
            end(requestID)
            actions += [.cancel(requestID), .forget(requestID)]
        }
        actions.append(.send(FrameEncoder.encode(ErrorMessage(error), requestID: requestID)))
        return actions + closeIfDone()
    }

    /// Tells the client why the connection ends, and ends it.
    mutating func failConnection(_ error: ServiceError) -> [Action] {
        let message = ErrorMessage(error, endsConnection: true)
        return cancelAll() + leave()
            + [.send(FrameEncoder.encode(message, requestID: 0)), .close]
    }

    /// A connection on its way out closes with its last request.
    mutating func closeIfDone() -> [Action] {
        guard phase == .leaving, running.isEmpty else { return [] }
        if isDraining { return [.linger] }
        phase = .closed
        return [.close]
    }

    /// The client says that it starts nothing more.
    mutating func clientLeaves() -> [Action] {
        if phase == .open { phase = .leaving }
        // Nothing more can come from it, so nobody needs to linger.
        return isDraining ? lingerEnded() : closeIfDone()
    }

    private mutating func greet(_ frame: Frame) throws(WireError) -> [Action] {
        let hello = try frame.decode(Hello.self)
        let welcome = options.welcome(version: try hello.negotiatedVersion())
        phase = .open
        clientPayloadLimit = Int(hello.payloadByteCountLimit)
        return [
            .open(clientName: hello.clientName),
            .raiseFrameLimit(welcome.payloadByteCountLimit),
            .send(FrameEncoder.encode(welcome, requestID: 0)),
        ]
    }

    /// A malformed frame: before the greeting it ends the connection, afterwards its request.
    private mutating func refuse(_ header: FrameHeader, _ error: WireError) -> [Action] {
        if phase == .greeting || error.endsConnection { return failConnection(error.serviceError) }
        return failRequest(header.requestID, error.serviceError)
    }

    private mutating func cancelAll() -> [Action] {
        let ids = running.keys.sorted()
        running.removeAll()
        countGrants()
        ingestByteCount = 0
        return ids.flatMap { [.cancel($0), .forget($0)] }
    }

    private mutating func leave() -> [Action] {
        phase = .closed
        return []
    }

    /// Whether the client takes a frame of that many payload bytes.
    func clientTakes(payloadByteCount: Int) -> Bool { payloadByteCount <= clientPayloadLimit }
}
