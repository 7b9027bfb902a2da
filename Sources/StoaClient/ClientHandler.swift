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

    init(payloadByteCountLimit: UInt32, greeting: Inbox) {
        decoder = FrameDecoder(
            payloadByteCountLimit: payloadByteCountLimit, detectsForeignProtocols: false)
        self.greeting = greeting
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        do throws(WireError) {
            while let frame = try decoder.decode(&buffer) { try received(frame, context) }
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
        fail(ClientError(.connectionLost, "the connection ended"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = ConnectionFailure.reason(error)
        fail(ClientError(.connectionLost, "the connection broke: \(reason)"))
        context.close(promise: nil)
    }

    /// Sends the first frame of a request, whose answers go to `inbox`.
    func begin(_ requestID: UInt32, _ inbox: Inbox, _ frame: ByteBuffer) {
        guard failure == nil, let context else {
            inbox.failed(failure ?? ClientError(.connectionLost, "the connection ended"))
            return
        }
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
