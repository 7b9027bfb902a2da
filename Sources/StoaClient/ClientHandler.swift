internal import NIOCore
internal import StoaBase
internal import StoaModel
internal import StoaWire

/// Cuts the server's bytes into frames and gives each to the request it answers.
final class ClientHandler: ChannelInboundHandler, @unchecked Sendable {
    // SAFETY: every stored variable is touched on the channel's event loop only.
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var decoder: FrameDecoder
    private var inboxes: [UInt32: Inbox] = [:]
    private var greeting: Inbox?
    private var failure: ClientError?
    private var context: ChannelHandlerContext?
    private var pings: RepeatedTask?
    private var watchdog: RepeatedTask?
    /// When the server was last heard, or began to owe an answer.
    private var lastHeard = NIODeadline.now()
    private var isPinged = false

    init(payloadByteCountLimit: UInt32, greeting: Inbox) {
        decoder = FrameDecoder(
            payloadByteCountLimit: payloadByteCountLimit, detectsForeignProtocols: false)
        self.greeting = greeting
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        heard()
        do throws(WireError) {
            while let frame = try decoder.decode(&buffer) { try received(frame, context) }
            if decoder.needsMemory {
                fail(ClientError(.connectionLost, "there is no memory for the server's answer"))
                context.close(promise: nil)
            }
        } catch {
            let isGreeting = greeting != nil
            fail(
                isGreeting
                    ? ClientError(.notAServer, "the other side does not speak the Stoa protocol")
                    : ClientError(error))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pings?.cancel()
        watchdog?.cancel()
        fail(
            ClientError(
                .connectionLost, "the server closed the connection",
                hint: "Whether the request took effect is unknown."))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = ConnectionFailure.reason(error)
        fail(
            ClientError(
                .connectionLost, "the connection broke: \(reason)",
                hint: "Whether the request took effect is unknown."))
        context.close(promise: nil)
    }

    /// Sends the first frame of a request, whose answers go to `inbox`.
    func begin(_ requestID: UInt32, _ inbox: Inbox, _ frame: ByteBuffer) {
        guard failure == nil, let context else {
            var error = failure ?? ClientError(.connectionLost, "the connection ended")
            error.isUnsent = true
            return inbox.failed(error)
        }
        if inboxes.isEmpty { heard() }
        inboxes[requestID] = inbox
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// Sends a further frame of a request, as long as that one runs.
    func proceed(_ requestID: UInt32, _ frame: ByteBuffer) {
        guard inboxes[requestID] != nil, let context else { return }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// Sends a ping so often that an idle connection is not taken for a dead one.
    func keepAlive(every seconds: UInt32) {
        guard seconds > 0, let loop = context?.eventLoop else { return }
        let pause = TimeAmount.seconds(Int64(seconds))
        pings = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in
            guard let self, let context else { return }
            let ping = FrameEncoder.encode(Ping(), requestID: 0)
            context.writeAndFlush(wrapOutboundOut(ping), promise: nil)
        }
    }

    private func heard() {
        lastHeard = .now()
        isPinged = false
    }

    /// Gives a server up that owes an answer and says nothing for so long: it is asked for a sign
    /// of life first, which a busy one gives.
    func watch(silenceTimeout: Duration, of url: StoaURL) {
        guard let loop = context?.eventLoop else { return }
        let limit = TimeAmount(silenceTimeout)
        let pause = TimeAmount.nanoseconds(max(1_000_000, limit.nanoseconds / 8))
        watchdog = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in
            guard let self, let context else { return }
            guard !inboxes.isEmpty else { return heard() }
            let silence = NIODeadline.now() - lastHeard
            if silence >= limit {
                fail(
                    ClientError(
                        .connectionLost,
                        "\(url) has said nothing for \(silence.nanoseconds / 1_000_000_000) s",
                        hint: "It is stopped or out of reach; whether the request took effect is "
                            + "unknown."))
                context.close(promise: nil)
            } else if silence >= .nanoseconds(limit.nanoseconds / 2), !isPinged {
                isPinged = true
                let ping = FrameEncoder.encode(Ping(), requestID: 0)
                context.writeAndFlush(wrapOutboundOut(ping), promise: nil)
            }
        }
    }

    /// Ends all requests with `error`; new ones end with it too.
    func fail(_ error: ClientError) {
        if failure == nil { failure = error }
        greeting?.failed(error)
        greeting = nil
        let all = inboxes
        inboxes.removeAll()
        for inbox in all.values { inbox.failed(error) }
    }

    private func received(_ frame: Frame, _ context: ChannelHandlerContext) throws(WireError) {
        let requestID = frame.header.requestID
        guard requestID != 0 else { return try receivedControl(frame, context) }
        guard let inbox = inboxes[requestID] else { return }
        let isLast = frame.header.kind?.endsRequest ?? false
        if isLast { inboxes[requestID] = nil }
        inbox.received(frame, isLast: isLast)
    }

    private func receivedControl(
        _ frame: Frame, _ context: ChannelHandlerContext
    ) throws(WireError) {
        switch frame.header.kind {
        case .welcome:
            greeting?.received(frame, isLast: true)
            greeting = nil
        case .error:
            let error = try frame.decode(ErrorMessage.self)
            if error.endsConnection || greeting != nil { fail(ClientError(error)) }
        case .ping:
            let pong = Pong(body: try frame.decode(Ping.self).body)
            context.writeAndFlush(
                wrapOutboundOut(FrameEncoder.encode(pong, requestID: 0)), promise: nil)
        case .goodbye:
            let goodbye = try frame.decode(Goodbye.self)
            let code: ClientError.Code =
                goodbye.reason == .shuttingDown ? .shuttingDown : .connectionLost
            failure = failure ?? ClientError(code, goodbye.message)
        default:
            // A later server may say more about the connection than this client knows.
            return
        }
    }
}

extension FrameKind {
    /// Whether a frame of this kind is the last answer to its request.
    var endsRequest: Bool {
        switch self {
        case .resultEnd, .ingestAck, .bulkCommitted, .bulkAborted, .error, .pong: true
        default: false
        }
    }
}
