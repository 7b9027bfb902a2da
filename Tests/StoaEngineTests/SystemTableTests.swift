import StoaBase
import StoaEngine
import StoaModel
import Testing

/// What the database tells of itself.
@Suite(.timeLimit(.minutes(2))) struct SystemTableTests {
    static func text(_ text: String) -> Literal { .string(Array(text.utf8)) }

    static func database() async throws -> TestDatabase {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64 NOT NULL, b STRING, at TIMESTAMP) TIME (at) ORDER BY (b, a)",
            "CREATE TABLE u (x INT64)",
            "INSERT INTO t VALUES (5, 'x', '2024-01-01'), (7, 'y', NULL), (6, 'x', NULL)")
        await test.seal()
        try await test.run("INSERT INTO t VALUES (8, 'z', NULL)")
        return test
    }

    @Test("tables, columns and segments say what was made of the rows")
    func storage() async throws {
        let test = try await Self.database()
        #expect(
            try await test.rows(
                "SELECT name, rows, columns, sealed_rows, memory_rows, segments, time_column, "
                    + "sorted_by FROM system.tables ORDER BY name") == [
                    [
                        Self.text("t"), .integer(4), .integer(3), .integer(3), .integer(1),
                        .integer(1), Self.text("at"), Self.text("b, a"),
                    ],
                    [
                        Self.text("u"), .integer(0), .integer(1), .integer(0), .integer(0),
                        .integer(0), .null, .null,
                    ],
                ])
        #expect(
            try await test.rows(
                "SELECT name, type, nullable, nulls, sort_position FROM system.columns "
                    + "WHERE \"table\" = 't' ORDER BY position") == [
                    [Self.text("a"), Self.text("INT64"), .bool(false), .integer(0), .integer(2)],
                    [Self.text("b"), Self.text("STRING"), .bool(true), .integer(0), .integer(1)],
                    [Self.text("at"), Self.text("TIMESTAMP"), .bool(true), .integer(2), .null],
                ])
        #expect(
            try await test.rows(
                "SELECT min, max, rows, nulls FROM system.blocks WHERE \"column\" IN ('a', 'at') "
                    + "ORDER BY \"column\"") == [
                    [Self.text("5"), Self.text("7"), .integer(3), .integer(0)],
                    [
                        Self.text("2024-01-01 00:00:00"), Self.text("2024-01-01 00:00:00"),
                        .integer(3), .integer(2),
                    ],
                ])
        let sums = try await test.rows(
            "SELECT count(*), sum(rows) FROM system.segments WHERE bytes > 0")
        #expect(sums == [[.integer(1), .decimal(unscaled: 3, scale: 0)]])
        let trees = try await test.rows(
            "SELECT count(*) FROM system.blocks WHERE encoding_tree LIKE 'damaged%'")
        #expect(trees == [[.integer(0)]])
    }

    @Test("a query finds itself among the queries, and its ended neighbours with their outcome")
    func queries() async throws {
        let test = try await Self.database()
        #expect(await test.error("SELECT nothing FROM t")?.code == .unknownColumn)
        let rows = try await test.rows(
            "SELECT state, error, text FROM system.queries WHERE text LIKE 'SELECT%' ORDER BY id")
        #expect(rows.count == 2)
        #expect(
            rows[0] == [
                Self.text("failed"), Self.text("UNKNOWN_COLUMN"),
                Self.text("SELECT nothing FROM t"),
            ])
        #expect(rows[1][0] == Self.text("running"))
        let metrics = try await test.rows(
            "SELECT value FROM system.metrics WHERE name = 'statements_failed'")
        #expect(metrics == [[.integer(1)]])
    }

    @Test("errors are counted by their kind, with the last one")
    func errors() async throws {
        let test = try await Self.database()
        for sql in ["SELECT one FROM t", "SELECT two FROM t", "SELECT a // 0 FROM t"] {
            #expect(await test.error(sql) != nil)
        }
        #expect(
            try await test.rows("SELECT code, name, count FROM system.errors ORDER BY code") == [
                [.integer(1_003), Self.text("UNKNOWN_COLUMN"), .integer(2)],
                [.integer(1_012), Self.text("DIVISION_BY_ZERO"), .integer(1)],
            ])
        let last = try await test.rows(
            "SELECT last_message LIKE '%two%', last_time <= now() FROM system.errors "
                + "WHERE code = 1003")
        #expect(last == [[.bool(true), .bool(true)]])
    }

    @Test("FLUSH makes segments of the rows that are in memory")
    func flush() async throws {
        let test = try await Self.database()
        let sql = "SELECT sealed_rows, memory_rows FROM system.tables WHERE name = 't'"
        #expect(try await test.rows(sql) == [[.integer(3), .integer(1)]])
        try await test.run("FLUSH")
        #expect(try await test.rows(sql) == [[.integer(4), .integer(0)]])
        try await test.run("FLUSH;")
    }

    @Test("system tables are described, and nothing changes them")
    func readOnly() async throws {
        let test = try await Self.database()
        #expect(try await test.rows("DESCRIBE system.metrics").count == 3)
        for sql in [
            "DROP TABLE system.tables", "TRUNCATE system.queries", "CREATE TABLE system.x (a INT)",
            "INSERT INTO system.metrics VALUES ('a', 1, 'b')",
            "ALTER TABLE system.blocks DROP COLUMN min",
        ] { #expect(await test.error(sql)?.code == .notSupported, "\(sql)") }
        #expect(await test.error("SELECT 1 FROM system.nothing")?.code == .unknownTable)
        #expect(await test.error("SELECT * FROM tables")?.code == .unknownTable)
        #expect(try await test.rows("SHOW TABLES").count == 2)
    }

    @Test("EXPLAIN shows the plan without running it, ANALYZE what running it took")
    func explain() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE t (a INT64, b INT64)")
        var columns = ["a", "b"].map { ColumnBuilder(name: $0, type: .int64) }
        for row in 0..<4_096 {
            columns[0].append(integer: Int64(row))
            columns[1].append(integer: Int64(row % 7))
        }
        try await test.ingest("t", columns)
        await test.seal()
        let sql = "SELECT b, sum(a) FROM t WHERE a < 1000 GROUP BY b ORDER BY b LIMIT 2"
        func lines(_ rows: [[Literal]]) -> [String] {
            rows.map { row in
                guard case .string(let text)? = row.first else { return "" }
                return String(decoding: text, as: UTF8.self)
            }
        }
        let plan = lines(try await test.rows("EXPLAIN " + sql))
        #expect(
            plan == [
                "Result: b, sum(a)",
                "  Limit: 2",
                "    Top 2 by: b",
                "      Group by: b; sum(a):DECIMAL(38,0)",
                "        Filter: (a < 1000:INT64)",
                "          Scan: t (b, a)",
                "            Blocks: 1 of 4 to read, 3 ruled out by statistics",
                "            Rows: 1024 of 4096 to read",
                "            Pushed down: a from the least to 999",
            ])
        let analysis = lines(try await test.rows("EXPLAIN ANALYZE " + sql))
        #expect(Array(analysis.prefix(plan.count)) == plan)
        func line(_ start: String) -> String { analysis.first { $0.hasPrefix(start) } ?? "none" }
        #expect(line("Read:").hasPrefix("Read: 1024 rows in 1 blocks, "))
        #expect(
            line("Not read:")
                == "Not read: 3 blocks ruled out by statistics, 0 answered from statistics")
        #expect(line("Stage Aggregate:").contains("1024 rows and "))
        #expect(line("Encodings: ") != "none" && line("Encodings: ").count > 11)
        #expect(line("Total: 2 rows in ") != "none")
        let answered = lines(try await test.rows("EXPLAIN ANALYZE SELECT max(a) FROM t"))
        #expect(
            answered.contains(
                "Not read: 0 blocks ruled out by statistics, 4 answered from statistics"))
    }
}
