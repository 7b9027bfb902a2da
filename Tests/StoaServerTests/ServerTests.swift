import StoaBase
import StoaClient
import StoaModel
import StoaServer
import StoaWire
import Testing

/// The server on loopback with a service that echoes, driven by the client.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ServerTests {
    /// Runs `body` with a fresh server.
    static func withServer(
        _ change: (inout ServerOptions) -> Void = { _ in },
        _ body: (Server, EchoService) async throws -> Void
    ) async throws {
        var options = ServerOptions(identity: ServerIdentity(name: "test/1"))
        change(&options)
        let service = EchoService()
        let server = try await Server.start(
            host: "127.0.0.1", port: 0, service: service, options: options)
        do { try await body(server, service) } catch {
            await server.close()
            throw error
        }
        await server.close()
    }

    static func withConnection(
        _ change: (inout ServerOptions) -> Void = { _ in },
        _ body: (Connection, EchoService) async throws -> Void
    ) async throws {
        try await withServer(change) { server, service in
            let connection = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
            try await body(connection, service)
            await connection.close()
        }
    }

    @Test("a greeting, a ping and a query go through")
    func greeting() async throws {
        try await Self.withConnection { connection, _ in
            #expect(connection.welcome.serverName == "test/1")
            #expect(connection.welcome.requestLimit == 64)
            #expect(try await connection.ping() > .zero)
            let result = try await connection.query("hello")
            #expect(result.columns.map(\.name) == ["text"])
            var texts: [Literal] = []
            for try await batch in result { texts.append(batch.columns[0].literal(0)) }
            #expect(texts == [.string(Array("hello".utf8))])
            #expect(result.summary?.exactness == .exact)
        }
    }

    @Test("a failed request tells code, position and hint, and leaves the connection usable")
    func failure() async throws {
        try await Self.withConnection { connection, _ in
            for _ in 0..<3 {
                do {
                    _ = try await connection.query("fail")
                    Issue.record("the query should fail")
                } catch let error as ClientError {
                    #expect(error.code == .syntaxError)
                    #expect(error.name == "SYNTAX_ERROR")
                    #expect(error.position == 1..<3)
                    #expect(error.hint == "yes")
                    #expect(error.retryAfter == .milliseconds(7))
                    #expect(error.sqlState == "42601")
                }
            }
            try await connection.ping()
        }
    }

    @Test(
        "a large result arrives whole and in order, whatever the window",
        arguments: [1, 4_096, 8 << 20])
    func largeResult(window: Int) async throws {
        try await Self.withServer { server, _ in
            var options = ConnectionOptions()
            options.resultWindowByteCount = window
            let connection = try await Connection.connect(
                "stoa://127.0.0.1:\(server.port)", options: options)
            let result = try await connection.query("rows 10000 40")
            var next: Int64 = 0
            for try await batch in result {
                for row in 0..<batch.rowCount {
                    if batch.columns[0].integer(row) != next { Issue.record("a row is missing") }
                    next += 1
                }
            }
            #expect(next == 400_000)
            #expect(result.summary?.rowCount == 400_000)
            await connection.close()
        }
    }

    @Test("a reader that stops stops the sender, and never more than the window is on its way")
    func slowReader() async throws {
        try await Self.withServer { server, service in
            var options = ConnectionOptions()
            options.resultWindowByteCount = 200_000
            let connection = try await Connection.connect(
                "stoa://127.0.0.1:\(server.port)", options: options)
            let result = try await connection.query("rows 10000 400")
            // 80 kB a batch: two leave credit for a third, and credit comes back by half windows.
            #expect(await service.log.waits(for: "waiting after 3"))
            try await Task.sleep(for: .milliseconds(100))
            #expect(!service.log.contains("waiting after 4"))
            withExtendedLifetime(result) {}
            await connection.close()
        }
    }

    @Test("a dropped result cancels its query at the server")
    func droppedResult() async throws {
        try await Self.withServer { server, service in
            var options = ConnectionOptions()
            options.resultWindowByteCount = 100_000
            let connection = try await Connection.connect(
                "stoa://127.0.0.1:\(server.port)", options: options)
            do {
                let result = try await connection.query("rows 10000 400")
                _ = try await result.next()
            }
            #expect(await service.log.waits(for: "cancelled after 3"))
            try await connection.ping()
            await connection.close()
        }
    }

    @Test("a cancelled task cancels its query")
    func cancelledTask() async throws {
        try await Self.withConnection { connection, service in
            let task = Task { _ = try await connection.query("hang") }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await service.log.waits(for: "hang cancelled"))
            try await connection.ping()
        }
    }

    @Test("many requests run on one connection at once, and one too many is told so")
    func manyRequests() async throws {
        try await Self.withConnection({ $0.requestLimit = 4 }) { connection, _ in
            let hanging = (0..<4).map { _ in Task { _ = try await connection.query("hang") } }
            try await Task.sleep(for: .milliseconds(100))
            do {
                _ = try await connection.query("one more")
                Issue.record("the fifth request should be refused")
            } catch let error as ClientError {
                #expect(error.code == .overloaded)
                #expect(error.isRetriable)
            }
            for task in hanging { task.cancel() }
            for task in hanging { _ = try? await task.value }
            try await Task.sleep(for: .milliseconds(50))
            _ = try await connection.query("now it fits")
        }
    }

    @Test("a batch is ingested with its origin; a malformed one fails alone")
    func ingest() async throws {
        try await Self.withConnection { connection, service in
            let origin = BatchOrigin(
                producerHigh: 1, producerLow: 2, stream: 3, epoch: 4, sequence: 5)
            let batch = EchoService.numbers(0..<10)
            let ack = try await connection.ingest(table: "t", batch: batch, origin: origin)
            #expect(ack == IngestAck(lsn: 7, generation: 8, rowCount: 10))
            #expect(service.log.contains("ingest t 5 \(batch.count)"))
            await #expect(throws: ClientError.self) {
                try await connection.ingest(table: "t", batch: Array(batch.dropLast()))
            }
            try await connection.ping()
        }
    }

    @Test("rows are read one by one, and columns appended, by a program outside the package")
    func facade() async throws {
        try await Self.withConnection { connection, _ in
            var sum: Int128 = 0
            for try await row in try await connection.rows("rows 100 3") {
                if case .integer(let number)? = row["n"] { sum += number }
                #expect(row["m"] == nil)
            }
            #expect(sum == 299 * 150)
            let columns = [
                InputColumn("a", integers: [1, nil, 3]),
                InputColumn("b", strings: ["x", "y", nil]),
            ]
            #expect(try await connection.append(to: "t", columns))
            await #expect(throws: ClientError.self) {
                try await connection.append(to: "t", columns + [InputColumn("c", bools: [true])])
            }
            try await connection.execute("anything")
        }
    }

    @Test("a bulk load sends many batches within its window and commits them")
    func bulkLoad() async throws {
        try await Self.withConnection({ $0.bulkWindowByteCount = 100_000 }) { connection, _ in
            let schema = TableSchema(columns: [.init(name: "n", type: .int64)])
            let load = try await connection.openBulk(table: "t", schema: schema, label: "a")
            #expect(load.schema == schema)
            for index in 0..<50 {
                try await load.send(
                    EchoService.numbers(index * 1_000..<(index + 1) * 1_000), rowCount: 1_000)
            }
            #expect(try await load.commit().rowCount == 50_000)
            #expect(await load.acceptedRowCount == 50_000)
        }
    }

    @Test("a malformed batch fails its bulk load, and the connection stays")
    func bulkFailure() async throws {
        try await Self.withConnection { connection, _ in
            let load = try await connection.openBulk(table: "t")
            await #expect(throws: ClientError.self) {
                for _ in 0..<5 { try await load.send([1, 2, 3], rowCount: 1) }
                _ = try await load.commit()
            }
            try await connection.ping()
            let second = try await connection.openBulk(table: "t")
            #expect(try await second.commit().rowCount == 0)
        }
    }

    @Test("an aborted, a dropped and a lost bulk load are given up at the server")
    func bulkAbort() async throws {
        try await Self.withConnection { connection, service in
            let load = try await connection.openBulk(table: "t")
            await load.abort()
            #expect(service.log.contains("bulk aborted"))
        }
        try await Self.withConnection { connection, service in
            do { _ = try await connection.openBulk(table: "t") }
            #expect(await service.log.waits(for: "bulk aborted"))
        }
        try await Self.withConnection { connection, service in
            let load = try await connection.openBulk(table: "t")
            await connection.close()
            #expect(await service.log.waits(for: "bulk cancelled"))
            withExtendedLifetime(load) {}
        }
    }

    @Test("a connection too many is told so, and the others go on")
    func connectionLimit() async throws {
        try await Self.withServer({ $0.connectionLimit = 1 }) { server, _ in
            let first = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
            do {
                _ = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
                Issue.record("the second connection should be refused")
            } catch let error as ClientError {
                #expect(error.name == "TOO_MANY_CONNECTIONS")
            }
            try await first.ping()
            await first.close()
        }
    }

    @Test("draining lets running requests end, refuses new ones and closes")
    func drain() async throws {
        try await Self.withServer { server, _ in
            let connection = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
            let running = Task { try await connection.query("hang") }
            try await Task.sleep(for: .milliseconds(50))
            await server.stopAccepting()
            #expect(await server.drain(deadline: .milliseconds(100)) == false)
            do {
                _ = try await connection.query("too late")
                Issue.record("a new request should be refused")
            } catch let error as ClientError {
                #expect(error.code == .shuttingDown)
            }
            running.cancel()
            #expect(await server.drain(deadline: .seconds(2)))
            await #expect(throws: ClientError.self) {
                _ = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
            }
        }
    }

    @Test("an answer that comes when the server is gone is dropped")
    func lateAnswer() async throws {
        let service = EchoService()
        let server = try await Server.start(
            host: "127.0.0.1", port: 0, service: service,
            options: ServerOptions(identity: ServerIdentity(name: "x")))
        let connection = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
        let query = Task { _ = try await connection.query("late") }
        try await Task.sleep(for: .milliseconds(50))
        await server.close()
        await #expect(throws: ClientError.self) { try await query.value }
        #expect(await service.log.waits(for: "answered late"))
    }

    @Test("a second server on the same port is told why it cannot listen")
    func portInUse() async throws {
        try await Self.withServer { server, service in
            let error = await #expect(throws: ServiceError.self) {
                _ = try await Server.start(
                    host: "127.0.0.1", port: server.port, service: service,
                    options: ServerOptions(identity: ServerIdentity(name: "x")))
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.hasSuffix("another program listens there") == true)
        }
    }
}
