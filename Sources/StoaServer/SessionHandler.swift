internal import NIOCore
internal import StoaBase
internal import StoaModel
internal import StoaWire

/// Moves bytes between the socket and the session; every decision is the session's.
final class SessionHandler: ChannelDuplexHandler, @unchecked Sendable {
    // SAFETY: every stored variable is touched on the channel's event loop only.
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: Session
    private var intake: FrameIntake
    private var outbox = Outbox()
    private let memory: ConnectionMemory
    /// What waits to be sent, in the connection's memory.
    private let unsent: MemoryShare
    private let service: any RequestService
    /// There from the greeting on.
    private var requests: (any RequestSession)?
    private let options: ServerOptions
    private let gate: ReplyGate
    private let valve: PressureValve
    private var handles: [UInt32: any RequestHandle] = [:]
    /// What the request that begins now may hold.
    private var requestMemory: MemoryShare?
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var frameTimer: Scheduled<Void>?
    private var lastActivity = NIODeadline.now()
    /// When the socket last took rows, or had none to take.
    private var lastRowsTaken = NIODeadline.now()
    private var isReadWanted = false
    private var isFlushScheduled = false
    private var isTurnScheduled = false
    private var isInTurn = false
    /// Whether the input waits for memory.
    private(set) var waitsForRequests = false
    private var isInValve = false
    private var isClosing = false
    private var isLingering = false

    /// Frames of one connection that are taken in one turn of the loop: then others have theirs.
    private static let turnFrameCount = 16

    init(
        service: any RequestService, options: ServerOptions, gate: ReplyGate,
        valve: PressureValve, memory: ConnectionMemory, isRefused: Bool
    ) {
        self.service = service
        self.options = options
        self.gate = gate
        self.valve = valve
        self.memory = memory
        unsent = MemoryShare(of: memory.results)
        session = Session(options: options, isRefused: isRefused, results: memory.results)
        intake = FrameIntake(memory: memory.requests)
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = context.eventLoop.scheduleTask(in: TimeAmount(options.handshakeTimeout)) {
            if self.isGreeting { self.notice("no hello within the time for a handshake") }
            self.perform(self.session.handshakeTimedOut())
            self.scheduleIdleCheck()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        lastActivity = context.eventLoop.now
        let buffer = unwrapInboundIn(data)
        options.counters.didReceive(byteCount: buffer.readableBytes)
        intake.add(buffer)
        takeTurn()
    }

    private var isGreeting: Bool { session.phase == .greeting || session.phase == .refusing }

    /// Tells the operator what is wrong with a connection: before its greeting a handshake that
    /// failed, afterwards a client that breaks the protocol.
    private func notice(_ reason: String) {
        guard isGreeting || session.phase == .open else { return }
        if isGreeting { options.counters.didFailHandshake() }
        options.events.report(
            isGreeting ? .warning : .notice,
            isGreeting ? "handshake failed" : "connection broken off",
            ["client": address ?? "", "reason": reason])
    }

    func read(context: ChannelHandlerContext) {
        isReadWanted = true
        readIfAllowed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        frameTimer?.cancel()
        isClosing = true
        intake.clear()
        perform(session.connectionLost())
        self.context = nil
        context.fireChannelInactive()
    }

    // MARK: Input

    /// Whether the client's next frame is taken: not while it leaves too much unanswered or unread.
    private var isListening: Bool { session.isReading && !outbox.isFull }

    /// Takes some of what has come, and goes on in a later turn of the loop when there is more.
    private func takeTurn() {
        guard !isInTurn, !isClosing, let context else { return }
        isInTurn = true
        defer {
            isInTurn = false
            readIfAllowed()
        }
        let now = context.eventLoop.now
        waitsForRequests = false
        for _ in 0..<Self.turnFrameCount {
            guard !isClosing, isListening else { return }
            do throws(WireError) {
                switch try intake.next(at: now) {
                case .frame(let frame, let share):
                    requestMemory = share
                    perform(session.received(frame))
                    requestMemory = nil
                case .needsInput: return scheduleFrameCheck()
                case .needsMemory:
                    waitsForRequests = true
                    return waitForMemory()
                }
            } catch {
                notice(error.serviceError.message)
                perform(session.failed(error))
            }
        }
        scheduleTurn()
    }

    /// Goes on with what has come, behind what other connections have for this turn.
    private func scheduleTurn() {
        guard !isTurnScheduled, let context else { return }
        isTurnScheduled = true
        context.eventLoop.execute {
            self.isTurnScheduled = false
            self.takeTurn()
        }
    }

    /// Reads more, or goes on with what was read, unless the session has enough to do or the
    /// client does not take our answers.
    private func readIfAllowed() {
        guard let context else { return }
        guard isClosing || !intake.hasInput else {
            if !isInTurn, !waitsForRequests, isListening { scheduleTurn() }
            return
        }
        guard isReadWanted, isClosing || isListening else { return }
        isReadWanted = false
        context.read()
    }

    /// Ends the connection when its unfinished frame takes too long.
    private func scheduleFrameCheck() {
        let limit = TimeAmount(options.frameTimeout)
        guard limit > .zero, frameTimer == nil, intake.isInFrame, let context else { return }
        frameTimer = context.eventLoop.scheduleTask(in: limit) {
            self.frameTimer = nil
            // While we do not read, the client's time stands still.
            if !self.isListening || self.waitsForRequests { self.intake.restartClock(at: .now()) }
            if self.intake.isLate(at: .now(), limit: limit) {
                self.perform(self.session.frameTimedOut())
            } else {
                self.scheduleFrameCheck()
            }
        }
    }

    // MARK: Want of memory

    /// Whether a result waits for memory.
    var waitsForResults: Bool { session.needsResultMemory }

    private func waitForMemory() {
        guard !isInValve, !isClosing, let context else { return }
        isInValve = true
        valve.add(self, on: context.eventLoop)
    }

    /// Tries again what there was no memory for; false: there is none yet.
    func retry(since: NIODeadline) -> Bool {
        if !isClosing, waitsForRequests {
            if NIODeadline.now() - since > PressureValve.requestAge { refuseInput() }
            takeTurn()
        }
        if !isClosing { perform(session.retryGrants()) }
        isInValve = !isClosing && (waitsForRequests || waitsForResults)
        return !isInValve
    }

    /// Gives up the frame that waited for memory for too long.
    private func refuseInput() {
        if let header = intake.refuseHeld() {
            perform(session.refusedForMemory(header))
        } else {
            intake.letPass()
        }
    }

    /// Bytes a second of the unfinished frame; nil when it holds nothing worth having.
    func framePace(at now: NIODeadline) -> Int? {
        intake.pace(at: now, minimumAge: PressureValve.frameAge)
    }

    /// Gives up the unfinished frame, whose request is refused when the rest of it has come.
    func giveWay() {
        intake.letPass()
        takeTurn()
    }

    /// Ends requests that the client has not gone on with for long.
    func giveUpIdle(at now: NIODeadline) {
        guard now - lastActivity > PressureValve.resultAge else { return }
        perform(session.giveUpIdle())
    }

    /// Whether rows wait that the client has not taken for long.
    func isStuck(at now: NIODeadline) -> Bool {
        outbox.rowByteCount > ConnectionMemory.guaranteedResultByteCount
            && now - lastRowsTaken > PressureValve.resultAge
    }

    // MARK: Events of the service and the server

    func replied(_ requestID: UInt32, serial: UInt64, _ answer: Session.Answer) {
        perform(session.replied(requestID, serial: serial, answer))
    }

    func drain() { perform(session.didBeginDraining()) }

    /// Ends what the server does not wait for.
    func endRequests() { perform(session.drainTimedOut()) }

    func closeNow() { context?.close(promise: nil) }

    // MARK: Actions

    private func perform(_ actions: [Session.Action]) {
        for action in actions { perform(action) }
        if session.needsResultMemory { waitForMemory() }
        readIfAllowed()
    }

    private func perform(_ action: Session.Action) {
        switch action {
        case .open(let name): open(clientName: name)
        case .start(let requestID, let serial, let request):
            start(requestID, serial: serial, request)
        case .cancel(let requestID): handles[requestID]?.cancel()
        case .addCredit(let requestID, let byteCount): handles[requestID]?.addCredit(byteCount)
        case .appendBulk(let requestID, let batch): handles[requestID]?.appendBulk(batch)
        case .commitBulk(let requestID, let rowCount):
            handles[requestID]?.commitBulk(rowCount: rowCount)
        case .abortBulk(let requestID): handles[requestID]?.abortBulk()
        case .forget(let requestID): handles[requestID] = nil
        case .send(let frame): send(frame)
        case .sendBatch(let requestID, let serial, let frame):
            sendBatch(requestID, serial: serial, frame)
        case .raiseFrameLimit(let limit): intake.raiseFrameLimit(to: limit)
        case .sendText(let bytes): send(ByteBuffer(bytes: bytes))
        case .linger: linger()
        case .close: closeWhenSent()
        }
    }

    private func open(clientName: String) {
        requests = service.open(ClientIdentity(name: clientName, address: address))
        options.events.report(
            .debug, "connection opened", ["client": address ?? "", "name": clientName])
    }

    /// Host and port of the other side; nil when it is gone already.
    private var address: String? {
        guard let remote = context?.channel.remoteAddress, let host = remote.ipAddress else {
            return nil
        }
        let isLong = host.utf8.contains(UInt8(ascii: ":"))
        return (isLong ? "[\(host)]" : host) + (remote.port.map { ":\($0)" } ?? "")
    }

    /// The one place where work leaves the event loop.
    private func start(_ requestID: UInt32, serial: UInt64, _ request: Request) {
        let sink = RequestSink(
            requestID: requestID, serial: serial, memory: requestMemory, gate: gate, handler: self)
        options.counters.didBeginRequest()
        handles[requestID] = requests?.start(request, reply: sink)
    }

    private func sendBatch(_ requestID: UInt32, serial: UInt64, _ frame: ByteBuffer) {
        guard let context else { return }
        let byteCount = frame.readableBytes
        if outbox.rowByteCount == 0 { lastRowsTaken = .now() }
        for gathered in outbox.addRows(frame) { writeControl(gathered) }
        unsent.set(outbox.byteCount)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenSuccess {
            self.outbox.didSendRows(byteCount)
            self.unsent.set(self.outbox.byteCount)
            self.lastActivity = .now()
            self.lastRowsTaken = self.lastActivity
            self.perform(
                self.session.flushed(
                    requestID, serial: serial, byteCount: byteCount - FrameHeader.byteCount))
        }
        options.counters.didSend(byteCount: byteCount)
        context.write(wrapOutboundOut(frame), promise: promise)
        scheduleFlush()
    }

    private func send(_ frame: ByteBuffer) {
        for ready in outbox.add(frame) { writeControl(ready) }
        unsent.set(outbox.byteCount)
        scheduleFlush()
    }

    private func writeControl(_ bytes: ByteBuffer) {
        guard let context else { return }
        let byteCount = bytes.readableBytes
        options.counters.didSend(byteCount: byteCount)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenSuccess {
            self.outbox.didSendControl(byteCount)
            self.unsent.set(self.outbox.byteCount)
            self.readIfAllowed()
        }
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    /// Flushes at the end of the loop's turn, so that the frames of a small result leave in one
    /// call.
    private func scheduleFlush() {
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        for bytes in outbox.take() { writeControl(bytes) }
        context?.flush()
    }

    private func linger() {
        guard let context, !isLingering, !isClosing else { return }
        isLingering = true
        context.eventLoop.scheduleTask(in: TimeAmount(options.lingerTime)) {
            self.perform(self.session.lingerEnded())
        }
    }

    /// Sends what is written, says that nothing follows, and waits a moment for the other side to
    /// close: closing with unread input would reset the connection and lose the last words.
    private func closeWhenSent() {
        guard let context, !isClosing else { return }
        isClosing = true
        timer?.cancel()
        frameTimer?.cancel()
        intake.clear()
        flush()
        context.close(mode: .output, promise: nil)
        timer = context.eventLoop.scheduleTask(in: .seconds(1)) { self.closeNow() }
    }

    private func scheduleIdleCheck() {
        guard let context, !isClosing else { return }
        let idleTimeout = TimeAmount(options.idleTimeout)
        guard idleTimeout > .zero else { return }
        timer = context.eventLoop.scheduleTask(deadline: lastActivity + idleTimeout) {
            if NIODeadline.now() - self.lastActivity >= idleTimeout {
                self.perform(self.session.idleTimedOut(isStuck: self.outbox.rowByteCount > 0))
                self.lastActivity = .now()
            }
            self.scheduleIdleCheck()
        }
    }
}
