import StoaBase
import StoaDisk
import StoaEngine
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Queries that wait, are ended, or are too many.
@Suite(.timeLimit(.minutes(2))) struct ControlTests {
    /// Batches and the end of one query, waited for without blocking a thread of the pool.
    final class Client: @unchecked Sendable {
        // SAFETY: everything is touched only while `lock` is held.
        private let lock = Lock()
        private var result: Result<QuerySummary, ServiceError>?
        private var waiter: CheckedContinuation<Result<QuerySummary, ServiceError>, Never>?

        var sink: ResultSink {
            ResultSink(
                onBatch: { _ in },
                onEnd: { result in
                    let waiter = self.lock.withLock {
                        self.result = result
                        return self.waiter
                    }
                    waiter?.resume(returning: result)
                })
        }

        var hasEnded: Bool { lock.withLock { result != nil } }

        func end() async -> Result<QuerySummary, ServiceError> {
            await withCheckedContinuation { continuation in
                let result = lock.withLock {
                    if self.result == nil { waiter = continuation }
                    return self.result
                }
                if let result { continuation.resume(returning: result) }
            }
        }

        func error() async -> ServiceError? {
            if case .failure(let error) = await end() { error } else { nil }
        }
    }

    static func database(running: Int, waiting: Int) async throws -> TestDatabase {
        let test = try TestDatabase { options in
            options.concurrentQueryLimit = running
            options.queuedQueryLimit = waiting
        }
        try await test.run("CREATE TABLE t (a INT64)")
        var column = ColumnBuilder(name: "a", type: .int64)
        for row in 0..<20_000 { column.append(integer: Int64(row)) }
        try await test.ingest("t", [column])
        return test
    }

    /// Starts a query that stops for want of credit until it gets some.
    static func stalled(
        _ test: TestDatabase, _ client: Client, timeout: Double? = nil,
        session: QuerySession? = nil
    ) -> QueryHandle {
        test.database.query(
            Array("SELECT a FROM t".utf8),
            options: QueryOptions(
                initialCredit: 1, timeoutSeconds: timeout, session: session),
            sink: client.sink)
    }

    /// The states of the queries of the table, oldest first.
    static func states(_ test: TestDatabase) async throws -> [String] {
        try await test.rows(
            "SELECT state FROM system.queries WHERE text = 'SELECT a FROM t' ORDER BY id"
        ).map { row in
            guard case .string(let text) = row[0] else { return "" }
            return String(decoding: text, as: UTF8.self)
        }
    }

    static func wait(_ test: TestDatabase, for expected: [String]) async throws {
        while try await states(test) != expected { await Task.yield() }
    }

    @Test("queries beyond the limit wait in the order they came, and those beyond the queue go")
    func queue() async throws {
        let test = try await Self.database(running: 1, waiting: 2)
        let clients = (0..<4).map { _ in Client() }
        let first = Self.stalled(test, clients[0])
        try await Self.wait(test, for: ["running"])
        let second = Self.stalled(test, clients[1])
        try await Self.wait(test, for: ["running", "queued"])
        let third = Self.stalled(test, clients[2])
        try await Self.wait(test, for: ["running", "queued", "queued"])
        _ = Self.stalled(test, clients[3])
        let refused = try #require(await clients[3].error())
        #expect(refused.code == .overloaded && refused.code.isRetriable)
        #expect(refused.retryAfterMilliseconds != nil)
        // Statements without a table, and those about the system, do not wait.
        #expect(try await test.rows("SELECT 1") == [[.integer(1)]])
        first.addCredit(1 << 30)
        #expect(try await clients[0].end().get().rowCount == 20_000)
        try await Self.wait(test, for: ["finished", "running", "queued", "failed"])
        #expect(!clients[2].hasEnded)
        second.addCredit(1 << 30)
        #expect(try await clients[1].end().get().rowCount == 20_000)
        third.addCredit(1 << 30)
        #expect(try await clients[2].end().get().rowCount == 20_000)
    }

    @Test("a short query begins beside those of a client that has many")
    func fairPlaces() async throws {
        let test = try await Self.database(running: 2, waiting: 9)
        let (many, one) = (QuerySession(), QuerySession())
        let clients = (0..<4).map { _ in Client() }
        var handles: [QueryHandle] = []
        var expected: [String] = []
        for (client, session) in zip(clients, [many, many, many, one]) {
            handles.append(Self.stalled(test, client, session: session))
            // The third is one too many of its client; the fourth is another's first.
            expected.append(expected.count == 2 ? "queued" : "running")
            try await Self.wait(test, for: expected)
        }
        handles[0].addCredit(1 << 30)
        try await Self.wait(test, for: ["finished", "running", "queued", "running"])
        for handle in handles { handle.addCredit(1 << 30) }
        for client in clients { #expect(try await client.end().get().rowCount == 20_000) }
    }

    @Test("a query that waits is ended by KILL, by its handle and by its time limit")
    func endWaiting() async throws {
        let test = try await Self.database(running: 1, waiting: 9)
        let clients = (0..<4).map { _ in Client() }
        let first = Self.stalled(test, clients[0])
        try await Self.wait(test, for: ["running"])
        let second = Self.stalled(test, clients[1])
        _ = Self.stalled(test, clients[2], timeout: 0.05)
        _ = Self.stalled(test, clients[3])
        second.cancel()
        #expect(await clients[1].error()?.code == .cancelled)
        #expect(await clients[2].error()?.code == .timeout)
        try await Self.wait(test, for: ["running", "cancelled", "failed", "queued"])
        let id = try await test.rows("SELECT max(id) FROM system.queries WHERE state = 'queued'")
        guard case .integer(let number)? = id.first?.first else { return #expect(id == []) }
        try await test.run("KILL \(number)")
        #expect(await clients[3].error()?.code == .cancelled)
        first.cancel()
        #expect(await clients[0].error()?.code == .cancelled)
        #expect(await test.error("KILL \(number)")?.code == .unknownRequest)
        #expect(try await test.rows("SELECT count(*) FROM t") == [[.integer(20_000)]])
    }

    @Test("a statement of long constants does not keep its caller")
    func constants() async throws {
        let test = try TestDatabase()
        let heavy =
            "SELECT "
            + (0..<9).map { index in
                "repeat('ab', 400000) LIKE '%\(String(repeating: "ab", count: 30))_\(index)%'"
            }.joined(separator: ", ")
        let client = Client()
        let start = ContinuousClock.now
        _ = test.database.query(Array(heavy.utf8), options: QueryOptions(), sink: client.sink)
        let taken = ContinuousClock.now - start
        #expect(!client.hasEnded, "a worker computes them")
        #expect(taken < .seconds(1))
        #expect(try await client.end().get().rowCount == 1)
        #expect(
            try await test.rows("SELECT length(repeat('ab', 400000))") == [[.integer(800_000)]])
    }

    @Test("closing ends queries that wait")
    func close() async throws {
        let test = try await Self.database(running: 1, waiting: 9)
        let clients = (0..<2).map { _ in Client() }
        _ = Self.stalled(test, clients[0])
        try await Self.wait(test, for: ["running"])
        _ = Self.stalled(test, clients[1])
        try await Self.wait(test, for: ["running", "queued"])
        test.database.close()
        for client in clients { #expect(await client.error()?.code == .shuttingDown) }
    }
}
