import StoaBase
import StoaEngine
import StoaModel
import Testing

@Suite struct StatementEventsTests {
    /// What was reported: level, message and fields.
    private final class Recorder: @unchecked Sendable {
        // SAFETY: `entries` is touched only while `lock` is held.
        private let lock = Lock()
        private var entries: [EventLog.Entry] = []

        var log: EventLog {
            EventLog(minimum: .info, limitPerMinute: 1_000) { [self] entry in
                lock.withLock { entries.append(entry) }
            }
        }

        func fields(of message: String) -> [[String: String]] {
            lock.withLock {
                entries.filter { $0.message == message }.map { entry in
                    Dictionary(entry.fields.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
                }
            }
        }
    }

    @Test("a slow statement is told with what it took and without its values")
    func slow() async throws {
        let recorder = Recorder()
        let test = try TestDatabase { options in
            options.events = recorder.log
            options.slowStatementSeconds = 1e-9
        }
        try await test.run("CREATE TABLE t (a INT64)", "INSERT INTO t VALUES (4711)")
        _ = try await test.rows("SELECT sum(a) FROM t WHERE a > 4000")
        let told = recorder.fields(of: "slow statement")
        #expect(told.last?["statement"] == "SELECT sum(a) FROM t WHERE a > ?")
        #expect(told.last?["state"] == "finished")
        #expect(told.contains { $0["statement"] == "INSERT INTO t VALUES (?)" })
        #expect(!told.contains { $0.values.contains { $0.contains("47") && $0.contains("11") } })
    }

    @Test("without a limit no statement is slow, and mistakes of a client are nobody's business")
    func quiet() async throws {
        let recorder = Recorder()
        let test = try TestDatabase { $0.events = recorder.log }
        #expect(await test.error("SELECT nothing FROM nowhere") != nil)
        try await test.run("SELECT 1")
        #expect(recorder.fields(of: "slow statement").isEmpty)
        #expect(recorder.fields(of: "request failed").isEmpty)
    }

    @Test("batches and loads that fail are counted like statements, as nobody's query")
    func failures() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE t (a INT64)")
        var wrong = ColumnBuilder(name: "b", type: .int64)
        wrong.append(integer: 1)
        await #expect(throws: ServiceError.self) { try await test.ingest("t", [wrong]) }
        await #expect(throws: ServiceError.self) { try await test.ingest("nowhere", [wrong]) }
        test.database.didFail(ServiceError(.badBatch, "The batch is damaged."), request: "load")
        let rows = try await test.rows(
            "SELECT name, count, last_query IS NULL FROM system.errors ORDER BY code")
        #expect(
            rows.count == 3
                && rows.allSatisfy { $0[1] == .integer(1) && $0[2] == .bool(true) })
    }

    @Test("metrics show what storage has done, and what the process adds")
    func metrics() async throws {
        let test = try TestDatabase { options in
            options.metrics = { [Metric("answer", 42, "Of the process.")] }
        }
        try await test.run("CREATE TABLE t (a INT64)", "INSERT INTO t VALUES (1), (2)")
        func value(_ name: String) async throws -> [[Literal]] {
            try await test.rows("SELECT value FROM system.metrics WHERE name = '\(name)'")
        }
        #expect(try await value("batches_stored") == [[.integer(1)]])
        #expect(try await value("rows_stored") == [[.integer(2)]])
        #expect(try await value("writable") == [[.integer(1)]])
        #expect(try await value("answer") == [[.integer(42)]])
        #expect(try await value("disk_free_bytes").count == 1)
        #expect(try await value("log_bytes") != [[.integer(0)]])
    }
}
