import StoaBase
import StoaEngine
import StoaModel
import Testing

/// Conditions that blocks answer from their encodings, against the same conditions row by row.
@Suite(.timeLimit(.minutes(3))) struct PushdownTests {
    static let conditions = [
        "i = 17", "i <> 17", "i < -9000", "i >= 9990", "i BETWEEN -100 AND 100",
        "i IN (1, 2, 3, 5000, -77)", "i NOT IN (1, 2, 3)", "i IN (1, NULL)", "i > 20000",
        "n = -128", "n <> 127", "u = 18446744073709551615", "u < 50", "u > 1000", "u >= 98.5",
        "d = 0.125", "d < -999.5", "d > 999.9995", "d BETWEEN 1 AND 2", "f > 0", "f < -92000",
        "f = 0", "f <> 1e3", "g = 1.125", "g IN (0.5, 1.5, -3)", "g > 61.9", "b", "NOT b",
        "b IS NULL", "i IS NULL", "i IS NOT NULL", "s IS NULL", "w IS NOT NULL",
        "day = DATE '2024-01-05'", "day < DATE '2019-06-01'",
        "ts >= TIMESTAMP '2021-01-01 00:00:00' AND ts < TIMESTAMP '2021-02-01 00:00:00'",
        "s = 'k7'", "s <> 'k7'", "s > 'k35'", "s <= 'k10'", "s IN ('k1', 'k39', 'zz')",
        "s NOT IN ('k1', 'k2')", "s LIKE 'k1%'", "s LIKE '%9'", "s NOT LIKE 'k_'", "s = 'none'",
        "w = 'w77ß'", "w LIKE 'w12%'", "w LIKE 'w1_ß'", "w >= 'w4990'", "w < 'w1'",
        "w IN ('w1ß', 'w4999ß')", "i < 5000 AND s = 'k3' AND d > 0",
        "s LIKE 'k%' AND n > 100 AND u < 90 AND i * 2 > 100", "i / 2 > 100 AND n = 5",
        "i = NULL", "i < 0 AND i > 0", "b AND i < 3 AND s IS NOT NULL AND w LIKE '%1%'",
    ]

    private static func table(_ limits: Limits) async throws -> TestDatabase {
        let test = try TestDatabase(limits: limits)
        try await SampleTable.fill(test, rowCount: 9_000, sealedCount: 6_500, seed: 21)
        return test
    }

    /// Blocks of one vector, and blocks of many.
    static var blockSizes: [Limits] {
        var wide = Limits.tiny
        wide.blockRows = 65_536
        wide.segmentRows = 1_048_576
        return [.tiny, wide]
    }

    @Test("a pushed condition selects what it selects row by row", arguments: 0..<2)
    func rows(size: Int) async throws {
        let test = try await Self.table(Self.blockSizes[size])
        for condition in Self.conditions {
            let pushed = try await test.rows("SELECT * FROM t WHERE \(condition)")
            let plain = try await test.rows("SELECT * FROM t WHERE (\(condition)) = true")
            #expect(pushed == plain, "\(condition)")
        }
    }

    @Test("aggregates of a pushed condition are those of its rows", arguments: 0..<2)
    func aggregates(size: Int) async throws {
        let test = try await Self.table(Self.blockSizes[size])
        let select = """
            SELECT count(*), count(d), sum(i), sum(i * n), sum(n * n), sum(i + 1), sum(u), min(i),
            max(i), min(n), max(u), min(d), max(d), avg(d), sum(d * n), min(f), max(g), sum(g),
            min(ts), max(day), min(s), max(w) FROM t
            """
        for condition in Self.conditions + ["true"] {
            let pushed = try await test.rows("\(select) WHERE \(condition)")
            let plain = try await test.rows("\(select) WHERE (\(condition)) = true")
            #expect(pushed == plain, "\(condition)")
            let keys = "SELECT s, count(*), sum(i * n) FROM t WHERE"
            let grouped = try await test.rows("\(keys) \(condition) GROUP BY s ORDER BY s")
            let groupedPlain = try await test.rows(
                "\(keys) (\(condition)) = true GROUP BY s ORDER BY s")
            #expect(grouped == groupedPlain, "\(condition)")
        }
    }

    @Test("the first rows of an order are those of the whole order", arguments: 0..<2)
    func top(size: Int) async throws {
        let test = try await Self.table(Self.blockSizes[size])
        for key in ["i", "n", "u", "d", "f", "g", "b", "day", "ts", "s", "w", "i + 1"] {
            for direction in ["ASC", "DESC", "ASC NULLS FIRST", "DESC NULLS LAST"] {
                let sql = "SELECT i, w, \(key) FROM t ORDER BY \(key) \(direction)"
                let all = try await test.rows(sql + ", w DESC")
                let first = try await test.rows(sql + ", w DESC LIMIT 9 OFFSET 3")
                #expect(first == Array(all[3..<12]), "\(key) \(direction)")
                // Ties go by the rows' own order.
                let tied = try await test.rows(sql)
                let firstTied = try await test.rows(sql + " LIMIT 40")
                #expect(firstTied == Array(tied[..<40]), "\(key) \(direction)")
            }
        }
        let filtered = "SELECT w, d FROM t WHERE s = 'k3' ORDER BY d DESC, w"
        let all = try await test.rows(filtered)
        #expect(try await test.rows(filtered + " LIMIT 5") == Array(all.prefix(5)))
    }

    @Test("an error in a row that no limit wants is still an error")
    func errorsBeyondTheBound() async throws {
        let test = try await Self.table(.tiny)
        try await test.run("INSERT INTO t (i, n) VALUES (-20000, 0)")
        let error = await test.error("SELECT 1 // n FROM t ORDER BY i DESC LIMIT 1")
        #expect(error?.code == .divisionByZero)
        #expect(await test.error("SELECT count(*) FROM t WHERE 1 // n > 0 AND i = 5") == nil)
    }

    @Test("blocks that pass whole are answered by their statistics")
    func wholeBlocks() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE r (x INT64 NOT NULL, y INT64)")
        var x = ColumnBuilder(name: "x", type: .int64)
        var y = ColumnBuilder(name: "y", type: .int64)
        for row in 0..<6_000 {
            x.append(.integer(Int128(row)))
            y.append(.integer(Int128(row * 7 % 1_000)))
        }
        try await test.ingest("r", [x, y])
        await test.seal()
        let answer = try await test.query("SELECT count(*), sum(y) FROM r WHERE x >= 1500")
        let expected = (1_500..<6_000).reduce(0) { $0 + $1 * 7 % 1_000 }
        #expect(answer.rows == [[.integer(4_500), .decimal(unscaled: Int128(expected), scale: 0)]])
        #expect(answer.summary.blocksScanned == 1, "only the block in which 1,500 lies is read")
    }
}
