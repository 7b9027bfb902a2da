internal import NIOCore
internal import NIOPosix
internal import StoaBase
package import StoaModel
package import StoaWire

/// Listens on a TCP address and lets a service answer what comes.
///
///     let server = try await Server.start(
///         host: "127.0.0.1", port: 8_471, service: service, options: options)
///     …
///     await server.stopAccepting()
///     await server.drain(deadline: .seconds(10))
///     await server.close()
package final class Server: Sendable {
    /// The address it listens on.
    package let host: String
    /// The port it listens on; the real one when 0 was asked for.
    package let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let connections: ConnectionTable
    private let gate: ReplyGate
    /// EADDRINUSE, EACCES and EADDRNOTAVAIL of Linux.
    private static let addressInUse: CInt = 98
    private static let accessDenied: CInt = 13
    private static let addressNotAvailable: CInt = 99

    private init(
        host: String, group: MultiThreadedEventLoopGroup, channel: any Channel,
        connections: ConnectionTable, gate: ReplyGate
    ) {
        self.host = host
        self.port = channel.localAddress?.port ?? 0
        self.group = group
        self.channel = channel
        self.connections = connections
        self.gate = gate
    }

    /// Starts one event loop and listens.
    ///
    /// - Throws: `ServiceError` with code `ADDRESS_IN_USE` or `IO_ERROR` when the address cannot
    ///   be listened on.
    package static func start(
        host: String, port: Int, service: any RequestService, options: ServerOptions
    ) async throws(ServiceError) -> Server {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let connections = ConnectionTable()
        let gate = ReplyGate(group.any())
        do {
            let channel = try await bootstrap(group, options, connections) { isRefused in
                SessionHandler(
                    service: service, options: options, gate: gate, isRefused: isRefused)
            }
            .bind(host: host, port: port).get()
            return Server(
                host: host, group: group, channel: channel, connections: connections, gate: gate)
        } catch {
            try? await group.shutdownGracefully()
            throw ServiceError(
                (error as? IOError)?.errnoCode == addressInUse ? .addressInUse : .ioError,
                "cannot listen on \(host):\(port): \(reason(error))",
                hint: "Is another program using the port? Choose another with --listen.")
        }
    }

    /// Why an address cannot be listened on, in a person's words; the library's name its calls.
    private static func reason(_ error: any Error) -> String {
        switch (error as? IOError)?.errnoCode {
        case addressInUse: "another program listens there"
        case accessDenied: "this user may not take the port"
        case addressNotAvailable: "this machine has no such address"
        default: "\(error)"
        }
    }

    /// Number of open connections.
    package var connectionCount: Int {
        get async {
            let count = channel.eventLoop.submit { [connections] in connections.count }
            return (try? await count.get()) ?? 0
        }
    }

    /// Takes no new connections; open ones go on.
    package func stopAccepting() async {
        try? await channel.close()
    }

    /// Tells every client that nothing new is taken, and waits until the running requests are
    /// over and the connections closed, at most for `deadline`.
    ///
    /// - Returns: Whether everything ended in time.
    @discardableResult
    package func drain(deadline: Duration) async -> Bool {
        let loop = channel.eventLoop
        let drained = loop.flatSubmit { [connections] in
            let result = loop.makePromise(of: Bool.self)
            let timer = loop.scheduleTask(in: TimeAmount(deadline)) { result.succeed(false) }
            connections.drain(on: loop).whenSuccess {
                timer.cancel()
                result.succeed(true)
            }
            return result.futureResult
        }
        return (try? await drained.get()) ?? false
    }

    /// Ends the loads that a drain has waited for long enough, each with an answer.
    package func endLoads() async {
        try? await channel.eventLoop.submit { [connections] in connections.endRequests() }.get()
    }

    /// Closes everything at once and stops the event loop. Requests still running are cancelled.
    package func close() async {
        await stopAccepting()
        let loop = group.any()
        let emptied = loop.flatSubmit { [connections] in
            let emptied = connections.drain(on: loop)
            connections.closeAll()
            return emptied
        }
        try? await emptied.get()
        gate.close()
        try? await group.shutdownGracefully()
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup, _ options: ServerOptions,
        _ connections: ConnectionTable,
        _ makeHandler: @escaping @Sendable (_ isRefused: Bool) -> SessionHandler
    ) -> ServerBootstrap {
        // Above what results may have waiting, so that only a client that sends and never reads
        // stops being read.
        let highMark = options.resultWindowByteCount + (4 << 20)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: highMark / 2, high: highMark)
            )
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1_024, initial: 4_096, maximum: 1 << 20)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try admit(channel, options, connections, makeHandler)
                }
            }
    }

    /// Gives a new connection its session; one too many gets a session that refuses, and far too
    /// many get nothing.
    private static func admit(
        _ channel: any Channel, _ options: ServerOptions, _ connections: ConnectionTable,
        _ makeHandler: (_ isRefused: Bool) -> SessionHandler
    ) throws {
        guard connections.count < options.connectionLimit + 64 else {
            throw ServiceError(.tooManyConnections, "too many connections")
        }
        let isRefused = connections.count >= options.connectionLimit
        if isRefused {
            options.counters.didRefuse()
            options.events.report(
                .warning, "connection refused", ["max_connections": "\(options.connectionLimit)"])
        }
        let handler = makeHandler(isRefused)
        try channel.pipeline.syncOperations.addHandler(handler)
        connections.add(handler)
        options.counters.didAccept()
        channel.closeFuture.whenComplete { _ in
            options.counters.didClose()
            connections.remove(handler)
        }
    }
}
