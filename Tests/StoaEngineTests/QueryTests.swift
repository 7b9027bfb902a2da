import StoaBase
import StoaEngine
import StoaModel
import Testing

@Suite(.timeLimit(.minutes(2))) struct QueryTests {
    @Test("rows that were inserted come back in their order, sealed or not")
    func roundTrip() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64, b STRING, c DECIMAL(10,2), d FLOAT64, e BOOL, f DATE)",
            "INSERT INTO t VALUES (1, 'x', 1.50, 0.5, true, DATE '2024-02-29'), "
                + "(NULL, NULL, NULL, NULL, NULL, NULL), (-3, 'Größe', -0.01, -0.0, false, NULL)")
        let fresh = try await test.query("SELECT * FROM t")
        #expect(fresh.names == ["a", "b", "c", "d", "e", "f"])
        #expect(fresh.rows.count == 3)
        #expect(
            fresh.rows[0] == [
                .integer(1), .string(Array("x".utf8)), .decimal(unscaled: 150, scale: 2),
                .float(0.5),
                .bool(true), .date(19_782),
            ])
        #expect(fresh.rows[1] == Array(repeating: .null, count: 6))
        await test.seal()
        let sealed = try await test.query("SELECT * FROM t")
        #expect(sealed.rows == fresh.rows)
        #expect(sealed.summary.rowCount == 3)
    }

    @Test("a date becomes its midnight from year 1 to 9999, sealed or not")
    func midnights() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (day DATE)",
            "INSERT INTO t VALUES ('0001-01-01'), (NULL), ('1970-01-02'), ('9999-12-31')")
        let expected: [[Literal]] = [
            [.timestamp(CivilTime.firstMicrosecond)], [.null],
            [.timestamp(CivilTime.microsecondsPerDay)],
            [.timestamp(Int64(CivilTime.lastDay) * CivilTime.microsecondsPerDay)],
        ]
        for _ in 0..<2 {
            #expect(try await test.rows("SELECT CAST(day AS TIMESTAMP) FROM t") == expected)
            let late = "SELECT count(*) FROM t WHERE day > TIMESTAMP '1970-01-01 12:00:00'"
            #expect(try await test.rows(late) == [[.integer(2)]])
            await test.seal()
        }
    }

    @Test("columns come and go under queries that group, filter and sort by them")
    func columnChanges() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64, b STRING)", "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
        await test.seal()
        try await test.run(
            "ALTER TABLE t ADD COLUMN c STRING", "ALTER TABLE t ADD COLUMN d DECIMAL(10,2)",
            "INSERT INTO t VALUES (3, 'x', 'new', 1.5)", "ALTER TABLE t ADD COLUMN e FLOAT64",
            "INSERT INTO t VALUES (4, 'y', 'new', 2.5, 0.5)", "ALTER TABLE t RENAME COLUMN a TO n",
            "ALTER TABLE t DROP COLUMN b")
        for _ in 0..<2 {
            #expect(
                try await test.rows(
                    "SELECT c, count(*), sum(n), sum(d), max(e) FROM t GROUP BY c ORDER BY c")
                    == [
                        [
                            .string(Array("new".utf8)), .integer(2),
                            .decimal(unscaled: 7, scale: 0),
                            .decimal(unscaled: 400, scale: 2), .float(0.5),
                        ],
                        [.null, .integer(2), .decimal(unscaled: 3, scale: 0), .null, .null],
                    ])
            #expect(
                try await test.rows("SELECT n FROM t WHERE e IS NULL ORDER BY c, n DESC")
                    == [[.integer(3)], [.integer(2)], [.integer(1)]])
            #expect(await test.error("SELECT b FROM t")?.code == .unknownColumn)
            await test.seal()
        }
        try await test.run("TRUNCATE t")
        #expect(try await test.rows("SELECT count(*), min(n) FROM t") == [[.integer(0), .null]])
    }

    @Test("a select without FROM has one row")
    func withoutFrom() async throws {
        let test = try TestDatabase()
        let rows = try await test.rows(
            "SELECT 1 + 2, 7 // 2, -7 % 3, 1.5 * 2.25, 1 / 4, 'a' LIKE '_', NULL IS NULL, "
                + "CAST('12' AS INT64), CAST(2.5 AS INT64), CAST(2.5e0 AS INT64)")
        #expect(
            rows == [
                [
                    .integer(3), .integer(3), .integer(-1), .decimal(unscaled: 3_375, scale: 3),
                    .float(0.25), .bool(true), .bool(true), .integer(12), .integer(3), .integer(2),
                ]
            ])
    }

    @Test("aggregates of nothing are NULL and counts are 0")
    func nothing() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE t (a INT64, d FLOAT64, s STRING)")
        let sql = "SELECT count(*), count(a), sum(a), avg(a), min(a), max(d), sum(d), min(s) FROM t"
        let rows = try await test.rows(sql)
        #expect(rows == [[.integer(0), .integer(0), .null, .null, .null, .null, .null, .null]])
        let grouped = try await test.query("SELECT a, count(*) FROM t GROUP BY a")
        #expect(grouped.rows.isEmpty)
        #expect(grouped.batchCount == 1)
        #expect(grouped.names.count == 2)
    }

    @Test("groups: one for NULL, one for both zeros, one for all NaN")
    func groups() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE t (d FLOAT64, s STRING, n INT64)")
        var d = ColumnBuilder(name: "d", type: .float64)
        var s = ColumnBuilder(name: "s", type: .string)
        var n = ColumnBuilder(name: "n", type: .int64)
        let values: [Double?] = [0.0, -0.0, .nan, -.nan, .infinity, nil, nil]
        for (index, value) in values.enumerated() {
            if let value { d.append(float: value) } else { d.appendNull() }
            if index % 2 == 0 { s.append(.string(Array("a".utf8))) } else { s.appendNull() }
            if index == 3 { n.appendNull() } else { n.append(integer: Int64.min) }
        }
        try await test.ingest("t", [d, s, n])
        let byFloat = try await test.rows("SELECT count(*) FROM t GROUP BY d ORDER BY d")
        #expect(byFloat == [[.integer(2)], [.integer(1)], [.integer(2)], [.integer(2)]])
        let byString = try await test.rows("SELECT s, count(*) FROM t GROUP BY s ORDER BY s")
        #expect(byString == [[.string([97]), .integer(4)], [.null, .integer(3)]])
        let byBoth = try await test.rows("SELECT s, n, count(*) FROM t GROUP BY s, n ORDER BY 1, 2")
        #expect(byBoth.map { $0[2] } == [.integer(4), .integer(2), .integer(1)])
        #expect(byBoth[1][1] == .integer(Int128(Int64.min)))
    }

    @Test("a row that the filter drops cannot fail the query")
    func filteredErrors() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64, b INT64)",
            "INSERT INTO t VALUES (1, 0), (10, 2), (9223372036854775807, 1), (NULL, 0)")
        #expect(
            try await test.rows("SELECT a // b FROM t WHERE b <> 0 AND a < 100")
                == [[.integer(5)]])
        #expect(
            try await test.rows("SELECT a FROM t WHERE b <> 0 AND a // b = 5")
                == [[.integer(10)]])
        #expect(
            try await test.rows("SELECT a FROM t WHERE b = 0 OR a // b = 5")
                == [[.integer(1)], [.integer(10)], [.null]])
        #expect(await test.error("SELECT a // b FROM t")?.code == .divisionByZero)
        #expect(await test.error("SELECT a + 1 FROM t")?.code == .numericOverflow)
        #expect(
            try await test.rows("SELECT a + 1 FROM t WHERE a < 100")
                == [[.integer(2)], [.integer(11)]])
        #expect(await test.error("SELECT sum(a * 10) FROM t")?.code == .numericOverflow)
    }

    @Test("errors carry the place in the text")
    func errorPosition() async throws {
        let test = try TestDatabase()
        let error = await test.error("SELECT 1 // 0")
        #expect(error?.code == .divisionByZero)
        #expect(error?.position == 7..<13)
        #expect(await test.error("SELEC 1")?.code == .syntaxError)
        #expect(await test.error("SELECT a FROM nothing")?.code == .unknownTable)
    }

    @Test("ORDER BY sorts with NULLs where they belong, and LIMIT cuts")
    func order() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64, s STRING)",
            "INSERT INTO t VALUES (3, 'c'), (NULL, 'n'), (1, 'a'), (2, 'b'), (2, 'a')")
        func strings(_ sql: String) async throws -> [Literal] {
            try await test.rows(sql).map { $0[0] }
        }
        func texts(_ values: String...) -> [Literal] { values.map { .string(Array($0.utf8)) } }
        #expect(
            try await strings("SELECT s FROM t ORDER BY a, s")
                == texts("a", "a", "b", "c", "n"))
        #expect(
            try await strings("SELECT s FROM t ORDER BY a DESC, s DESC")
                == texts("c", "b", "a", "a", "n"))
        #expect(
            try await strings("SELECT s FROM t ORDER BY a NULLS FIRST, s LIMIT 2")
                == texts("n", "a"))
        #expect(
            try await strings("SELECT s FROM t ORDER BY s DESC LIMIT 2 OFFSET 1")
                == texts("c", "b"))
        #expect(try await strings("SELECT s FROM t LIMIT 2 OFFSET 2") == texts("a", "b"))
        #expect(try await strings("SELECT s FROM t LIMIT 0").isEmpty)
        #expect(try await strings("SELECT s FROM t OFFSET 9").isEmpty)
    }

    @Test("tables are made, listed, described, renamed and dropped")
    func definitions() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64 NOT NULL, b STRING)", "INSERT INTO t VALUES (1, 'x')")
        let tables = try await test.rows("SHOW TABLES")
        #expect(tables.count == 1)
        #expect(tables[0].prefix(3) == [.string(Array("t".utf8)), .integer(1), .integer(2)])
        #expect(
            try await test.rows("DESCRIBE t") == [
                [.string(Array("a".utf8)), .string(Array("INT64".utf8)), .bool(false), .null],
                [.string(Array("b".utf8)), .string(Array("STRING".utf8)), .bool(true), .null],
            ])
        #expect(await test.error("CREATE TABLE t (a INT64)")?.code == .tableExists)
        try await test.run(
            "CREATE TABLE IF NOT EXISTS t (a INT64)", "ALTER TABLE t RENAME TO u", "DROP TABLE u",
            "DROP TABLE IF EXISTS u")
        #expect(await test.error("DROP TABLE u")?.code == .unknownTable)
    }
}
