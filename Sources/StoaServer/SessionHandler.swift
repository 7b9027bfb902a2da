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
    private var decoder: FrameDecoder
    private let service: any RequestService
    /// There from the greeting on.
    private var requests: (any RequestSession)?
    private let options: ServerOptions
    private let gate: ReplyGate
    private var handles: [UInt32: any RequestHandle] = [:]
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var lastActivity = NIODeadline.now()
    /// Batches that the socket has not taken.
    private var unsentBatchCount = 0
    private var isReadWanted = false
    private var isFlushScheduled = false
    private var isClosing = false
    private var isLingering = false

    init(
        service: any RequestService, options: ServerOptions, gate: ReplyGate, isRefused: Bool
    ) {
        self.service = service
        self.options = options
        self.gate = gate
        session = Session(options: options, isRefused: isRefused)
        decoder = FrameDecoder(
            payloadByteCountLimit: ProtocolVersion.handshakePayloadByteCountLimit,
            detectsForeignProtocols: true)
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
        var buffer = unwrapInboundIn(data)
        lastActivity = context.eventLoop.now
        options.counters.didReceive(byteCount: buffer.readableBytes)
        do throws(WireError) {
            while let frame = try decoder.decode(&buffer) {
                perform(session.received(frame))
                if isClosing { return }
            }
        } catch {
            notice(error.serviceError.message)
            perform(session.failed(error))
        }
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

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readIfAllowed()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        perform(session.connectionLost())
        self.context = nil
        context.fireChannelInactive()
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
        case .send(let frame): write(frame, promise: nil)
        case .sendBatch(let requestID, let serial, let frame):
            sendBatch(requestID, serial: serial, frame)
        case .raiseFrameLimit(let limit): decoder.payloadByteCountLimit = limit
        case .sendText(let bytes): write(ByteBuffer(bytes: bytes), promise: nil)
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
        let sink = RequestSink(requestID: requestID, serial: serial, gate: gate, handler: self)
        options.counters.didBeginRequest()
        handles[requestID] = requests?.start(request, reply: sink)
    }

    private func sendBatch(_ requestID: UInt32, serial: UInt64, _ frame: ByteBuffer) {
        guard let context else { return }
        let byteCount = frame.readableBytes - FrameHeader.byteCount
        let promise = context.eventLoop.makePromise(of: Void.self)
        unsentBatchCount += 1
        promise.futureResult.whenSuccess {
            self.unsentBatchCount -= 1
            self.lastActivity = .now()
            self.perform(
                self.session.flushed(requestID, serial: serial, byteCount: byteCount))
        }
        write(frame, promise: promise)
    }

    /// Writes now and flushes at the end of the loop's turn, so that the frames of a small
    /// result leave in one call.
    private func write(_ frame: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        options.counters.didSend(byteCount: frame.readableBytes)
        context.write(wrapOutboundOut(frame), promise: promise)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        context.eventLoop.execute {
            self.isFlushScheduled = false
            self.context?.flush()
        }
    }

    /// Reads more unless the session has enough to do, or the client does not take our answers.
    private func readIfAllowed() {
        guard let context, isReadWanted, isClosing || session.isReading,
            isClosing || context.channel.isWritable
        else { return }
        isReadWanted = false
        context.read()
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
        context.flush()
        context.close(mode: .output, promise: nil)
        timer = context.eventLoop.scheduleTask(in: .seconds(1)) { self.closeNow() }
    }

    private func scheduleIdleCheck() {
        guard let context, !isClosing else { return }
        let idleTimeout = TimeAmount(options.idleTimeout)
        guard idleTimeout > .zero else { return }
        timer = context.eventLoop.scheduleTask(deadline: lastActivity + idleTimeout) {
            if NIODeadline.now() - self.lastActivity >= idleTimeout {
                self.perform(self.session.idleTimedOut(isStuck: self.unsentBatchCount > 0))
                self.lastActivity = .now()
            }
            self.scheduleIdleCheck()
        }
    }
}
