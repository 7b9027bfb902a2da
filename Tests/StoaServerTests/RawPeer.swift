import NIOCore
import NIOPosix
import StoaBase
import StoaServer
import StoaWire
import Testing

/// A bare TCP connection that sends any bytes and collects what comes back.
final class RawPeer: ChannelInboundHandler, @unchecked Sendable {
    // SAFETY: `received` and `isClosed` are touched under `lock` only.
    typealias InboundIn = ByteBuffer

    private let lock = Lock()
    private var received: [UInt8] = []
    private var isClosed = false
    private var channel: (any Channel)?

    static func connect(_ server: Server) async throws -> RawPeer {
        let peer = RawPeer()
        peer.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in channel.pipeline.addHandler(peer) }
            .connect(host: "127.0.0.1", port: server.port).get()
        return peer
    }

    /// Connected, greeted, and past WELCOME.
    static func greeted(_ server: Server) async throws -> RawPeer {
        let peer = try await connect(server)
        try await peer.send(
            FrameEncoder.encode(
                Hello(payloadByteCountLimit: 16 << 20, clientName: "raw"), requestID: 0))
        _ = try #require(await peer.frames(1).first).decode(Welcome.self)
        return peer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        lock.withLock { received += bytes }
    }

    func channelInactive(context: ChannelHandlerContext) { lock.withLock { isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func send(_ bytes: [UInt8]) async throws { try await send(ByteBuffer(bytes: bytes)) }

    func send(_ buffer: ByteBuffer) async throws {
        try await channel?.writeAndFlush(buffer)
    }

    /// Everything until the server closes, at most three seconds.
    func textUntilClosed() async -> String {
        for _ in 0..<300 where !lock.withLock({ isClosed }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
        #expect(lock.withLock { isClosed }, "the server should have closed")
        return String(decoding: lock.withLock { received }, as: UTF8.self)
    }

    /// The next `count` frames, as far as they come within three seconds.
    func frames(_ count: Int) async -> [Frame] {
        for _ in 0..<300 {
            var decoder = FrameDecoder(
                payloadByteCountLimit: 16 << 20, detectsForeignProtocols: false)
            var buffer = lock.withLock { ByteBuffer(bytes: received) }
            let byteCount = buffer.readableBytes
            var frames: [Frame] = []
            while frames.count < count, let frame = try? decoder.decode(&buffer) {
                frames.append(frame)
            }
            if frames.count == count {
                let rest = buffer.readableBytes
                lock.withLock { received.removeFirst(byteCount - rest) }
                return frames
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return []
    }

    /// The error that the next frame carries.
    func error() async throws -> ErrorMessage {
        try #require(await frames(1).first).decode(ErrorMessage.self)
    }

    /// Bytes that have come and were not taken as frames.
    var receivedByteCount: Int { lock.withLock { received.count } }

    var hasEnded: Bool { lock.withLock { isClosed } }

    func stopReading() async throws {
        try await channel?.setOption(.autoRead, value: false).get()
    }

    /// Sends the same bytes again and again, from the event loop: busy test threads do not delay
    /// it.
    func keepSending(_ buffer: ByteBuffer, every pause: TimeAmount) {
        channel?.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: pause) { [self] task in
            if hasEnded { return task.cancel() }
            channel?.writeAndFlush(buffer, promise: nil)
        }
    }

    func close() async { try? await channel?.close() }
}
