import StoaBase
import StoaEngine
import StoaModel
import Testing

/// SET, RESET and SHOW.
@Suite(.timeLimit(.minutes(2))) struct SessionSettingTests {
    static func text(_ text: String) -> Literal { .string(Array(text.utf8)) }

    /// Statements of one session.
    struct Client {
        let test: TestDatabase
        let session = QuerySession(client: "tester 127.0.0.1:9")

        func rows(_ sql: String) async throws -> [[Literal]] {
            try await test.query(sql, options: QueryOptions(session: session)).rows
        }

        func error(_ sql: String) async -> ServiceError? {
            await test.error(sql, options: QueryOptions(session: session))
        }
    }

    @Test("what is set holds for the session alone, until it is reset")
    func scope() async throws {
        let test = try TestDatabase()
        let client = Client(test: test)
        #expect(try await client.rows("SHOW timeout") == [[Self.text("60")]])
        #expect(try await client.rows("SET timeout = 2.5").isEmpty)
        _ = try await client.rows("SET Memory = '64MiB'")
        _ = try await client.rows("SET SESSION threads TO 1")
        #expect(try await client.rows("SHOW Timeout") == [[Self.text("2.5")]])
        let sql = "SELECT name, value, \"default\", origin FROM system.settings ORDER BY name"
        #expect(
            try await client.rows(sql) == [
                [
                    Self.text("memory"), Self.text("67108864"), Self.text("1073741824"),
                    Self.text("session"),
                ],
                [Self.text("threads"), Self.text("1"), Self.text("2"), Self.text("session")],
                [Self.text("timeout"), Self.text("2.5"), Self.text("60"), Self.text("session")],
            ])
        #expect(try await client.rows("SHOW ALL").count == 3)
        let other = Client(test: test)
        #expect(try await other.rows("SHOW memory") == [[Self.text("1073741824")]])
        var own = QueryOptions(session: client.session)
        own.timeoutSeconds = 7
        #expect(try await test.query("SHOW timeout", options: own).rows == [[Self.text("7")]])
        _ = try await client.rows("RESET timeout")
        #expect(try await client.rows("SHOW timeout") == [[Self.text("60")]])
        #expect(try await client.rows("SHOW threads") == [[Self.text("1")]])
        _ = try await client.rows("SET threads = DEFAULT")
        _ = try await client.rows("RESET ALL")
        #expect(client.session.current == QuerySettings())
    }

    @Test("a statement keeps to the limits that were set before it")
    func limits() async throws {
        let test = try await ControlTests.database(running: 8, waiting: 8)
        let client = Client(test: test)
        _ = try await client.rows("SET memory = 10000")
        #expect(await client.error("SELECT a FROM t ORDER BY a % 7")?.code == .memoryLimit)
        _ = try await client.rows("RESET memory")
        #expect(try await client.rows("SELECT a FROM t ORDER BY a % 7 LIMIT 3").count == 3)
        _ = try await client.rows("SET timeout = 0.05")
        let stalled = ControlTests.Client()
        _ = test.database.query(
            Array("SELECT a FROM t".utf8),
            options: QueryOptions(initialCredit: 1, session: client.session), sink: stalled.sink)
        #expect(await stalled.error()?.code == .timeout)
    }

    /// What is refused, where, and a word of the hint.
    private static let refusals: [(String, String, String?)] = [
        ("SET tiemout = 5", "tiemout", "timeout?"),
        ("SET statement_timeout = 5", "statement_timeout", "timeout?"),
        ("SET memory_limit = '1GiB'", "memory_limit", "memory?"),
        ("SET \"query-timeout-seconds\" = 5", "\"query-timeout-seconds\"", "timeout?"),
        ("SET max_threads = 5", "max_threads", "threads?"),
        ("SHOW theads", "theads", "threads?"), ("RESET memry", "memry", "memory?"),
        ("SET colour = 1", "colour", "memory, threads and timeout"),
        ("SET timeout = 0", "0", nil), ("SET timeout = soon", "soon", nil),
        ("SET timeout = -1", "-1", nil), ("SET threads = 1.5", "1.5", nil),
        ("SET threads = 0", "0", nil), ("SET memory = '12 parsecs'", "'12 parsecs'", nil),
    ]

    @Test("a misspelt setting is answered with the nearest, a bad value with what is taken")
    func refusals() async throws {
        let client = Client(test: try TestDatabase())
        for (sql, place, hint) in Self.refusals {
            let error = await client.error(sql)
            #expect(error?.code == .invalidSetting, "\(sql)")
            let position = error?.position.map { range in
                String(decoding: Array(sql.utf8)[range], as: UTF8.self)
            }
            #expect(position == place, "\(sql)")
            if let hint { #expect(error?.hint?.contains(hint) == true, "\(sql)") }
        }
        #expect(client.session.current == QuerySettings())
        #expect(await client.test.error("SET timeout = 5")?.code == .notSupported)
    }

    @Test("system.queries names the client")
    func clientName() async throws {
        let client = Client(test: try TestDatabase())
        #expect(
            try await client.rows("SELECT client FROM system.queries")
                == [[Self.text("tester 127.0.0.1:9")]])
    }
}
