internal import NIOCore
internal import NIOPosix
internal import StoaBase
package import StoaWire
internal import Synchronization

/// A connection to a Stoa server; many requests may run on it at once, from any task.
///
///     let connection = try await Connection.connect("stoa://127.0.0.1:8471")
///     try await connection.ping()
///     await connection.close()
///
/// A request that fails throws ``ClientError`` and leaves the connection usable, unless the code
/// is `connectionLost`. A cancelled task's request is cancelled at the server too.
public final class Connection: Sendable {
    /// Where it leads.
    public let url: StoaURL
    /// What the server said about itself.
    package let welcome: Welcome
    let options: ConnectionOptions
    private let channel: any Channel
    private let handler: ClientHandler
    private let lastRequestID = Atomic<UInt32>(0)

    private init(
        url: StoaURL, options: ConnectionOptions, welcome: Welcome, channel: any Channel,
        handler: ClientHandler
    ) {
        self.url = url
        self.options = options
        self.welcome = welcome
        self.channel = channel
        self.handler = handler
    }

    /// Connects and exchanges greetings.
    ///
    /// - Parameters:
    ///   - url: The address, `stoa://host:port`.
    ///   - options: Time limits and windows.
    /// - Throws: ``ClientError`` with code `badURL`, `cannotConnect`, `notAServer`, or what the
    ///   server answered.
    public static func connect(
        _ url: String, options: ConnectionOptions = ConnectionOptions()
    ) async throws -> Connection {
        let address = try StoaURL(url)
        let greeting = Inbox()
        let handler = ClientHandler(
            payloadByteCountLimit: UInt32(clamping: options.payloadByteCountLimit),
            greeting: greeting)
        let channel = try await openChannel(address, options, handler)
        let hello = Hello(
            payloadByteCountLimit: UInt32(clamping: max(65_536, options.payloadByteCountLimit)),
            clientName: options.clientName)
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(options.connectTimeout)) {
            greeting.failed(
                ClientError(
                    .cannotConnect, "\(address) does not answer the greeting",
                    hint: "Something listens there, but it is stopped, overloaded or no stoad."))
        }
        defer { timer.cancel() }
        do {
            channel.writeAndFlush(FrameEncoder.encode(hello, requestID: 0), promise: nil)
            guard let frame = try await greeting.next() else {
                throw ClientError(.notAServer, "\(address) ended the greeting")
            }
            let welcome = try frame.decode(Welcome.self)
            channel.eventLoop.execute {
                handler.keepAlive(every: welcome.idleTimeoutSeconds / 3)
                handler.watch(silenceTimeout: options.silenceTimeout, of: address)
            }
            return Connection(
                url: address, options: options, welcome: welcome, channel: channel,
                handler: handler)
        } catch {
            channel.close(promise: nil)
            if let error = error as? WireError { throw ClientError(error) }
            throw error
        }
    }

    /// Asks the server for a sign of life.
    ///
    /// - Returns: How long the answer took.
    /// - Throws: ``ClientError``.
    @discardableResult
    public func ping() async throws -> Duration { try await health().duration }

    /// Asks the server for a sign of life, and whether it stores rows.
    ///
    /// - Returns: How long the answer took, and the error that a batch would get now; nil when it
    ///   would be stored.
    public func health() async throws -> (duration: Duration, writeRefusal: ClientError?) {
        let start = ContinuousClock.now
        let inbox = begin { FrameEncoder.encode(Ping(), requestID: $0) }.inbox
        let pong = try await inbox.nextMessage(Pong.self)
        return (ContinuousClock.now - start, pong.writeRefusal.map { ClientError($0) })
    }

    /// Says goodbye and closes; running requests end with code `connectionLost`.
    public func close() async {
        let goodbye = FrameEncoder.encode(Goodbye(.done), requestID: 0)
        try? await channel.writeAndFlush(goodbye)
        try? await channel.close()
    }

    /// Begins a request with the frame that `makeFrame` makes for its new id.
    func begin(_ makeFrame: (UInt32) -> ByteBuffer) -> (requestID: UInt32, inbox: Inbox) {
        var requestID = lastRequestID.add(1, ordering: .relaxed).newValue
        if requestID == 0 { requestID = lastRequestID.add(1, ordering: .relaxed).newValue }
        let inbox = Inbox()
        let frame = makeFrame(requestID)
        channel.eventLoop.execute { [handler, requestID] in
            handler.begin(requestID, inbox, frame)
        }
        return (requestID, inbox)
    }

    /// Sends a further frame of a running request.
    func proceed(_ requestID: UInt32, _ frame: ByteBuffer) {
        channel.eventLoop.execute { [handler] in handler.proceed(requestID, frame) }
    }

    /// Checks a message's size before it is sent, because a larger one ends the connection.
    func checkSize(_ byteCount: Int) throws {
        // The fixed part and the options of a batch's frame are small; 64 KiB is ample.
        let limit = Int(welcome.payloadByteCountLimit) - 65_536
        guard byteCount <= limit else {
            throw ClientError(
                .frameTooLarge, "a message of \(byteCount) bytes; the server takes \(limit)",
                hint: "Send smaller batches.")
        }
    }

    private static func openChannel(
        _ url: StoaURL, _ options: ConnectionOptions, _ handler: ClientHandler
    ) async throws -> any Channel {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(TimeAmount(options.connectTimeout))
                .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(
                    ChannelOptions.recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(
                        minimum: 2_048, initial: 16_384, maximum: 1 << 20)
                )
                .channelInitializer { channel in
                    channel.pipeline.addHandler(handler)
                }
                .connect(host: url.host, port: url.port).get()
        } catch let error as ClientError {
            throw error
        } catch {
            throw ConnectFailure.clientError(error, url)
        }
    }
}
