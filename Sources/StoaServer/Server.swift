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
        let valve = PressureValve(connections, service, on: group.any())
        let gate = ReplyGate(group.any())
        do {
            let channel = try await bootstrap(group, options, connections) { memory, isRefused in
                SessionHandler(
                    service: service, options: options, gate: gate, valve: valve, memory: memory,
                    isRefused: isRefused)
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
        default: ConnectionFailure.reason(error)
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
        _ connections: ConnectionTable, _ makeHandler: @escaping MakeHandler
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Each connection gets its session before the next is taken, so that they are counted.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = AcceptGate(
                        connections, limit: options.connectionLimit + refusedCountLimit)
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // What waits to be sent is counted by the session, not by the channel.
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: 1 << 30, high: 1 << 30)
            )
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1_024, initial: 2_048, maximum: options.receiveByteCount)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try admit(channel, options, connections, makeHandler)
                }
            }
    }

    private typealias MakeHandler =
        @Sendable (_ memory: ConnectionMemory, _ isRefused: Bool) -> SessionHandler

    /// Connections beyond the limit that are told so at a time; beyond these nobody is taken.
    package static let refusedCountLimit = 64

    /// Gives a new connection its session; one too many gets a session that refuses, and one
    /// that there is no memory for gets nothing.
    private static func admit(
        _ channel: any Channel, _ options: ServerOptions, _ connections: ConnectionTable,
        _ makeHandler: MakeHandler
    ) throws {
        let memory = try ConnectionMemory(options)
        let isRefused = connections.count >= options.connectionLimit
        if isRefused {
            options.counters.didRefuse()
            options.events.report(
                .warning, "connection refused", ["max_connections": "\(options.connectionLimit)"])
        }
        let handler = makeHandler(memory, isRefused)
        try channel.pipeline.syncOperations.addHandler(handler)
        connections.add(handler)
        options.counters.didAccept()
        channel.closeFuture.whenComplete { _ in
            options.counters.didClose()
            connections.remove(handler)
        }
    }
}
