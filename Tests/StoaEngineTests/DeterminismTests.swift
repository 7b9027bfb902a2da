import StoaBase
import StoaEngine
import StoaModel
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct DeterminismTests {
    static let queries = [
        "SELECT count(*), count(i), sum(i), avg(i), min(i), max(i) FROM t",
        "SELECT sum(u), avg(u), min(u), max(u), sum(d), avg(d), min(d), max(d) FROM t",
        "SELECT sum(f), avg(f), sum(g), avg(g), min(f), max(g), min(s), max(w) FROM t",
        "SELECT min(b), max(b), min(day), max(ts), sum(n), avg(n) FROM t WHERE i > 0",
        "SELECT s, count(*), sum(f), avg(f), sum(d), min(w), max(w) FROM t GROUP BY s",
        "SELECT s, b, n, count(*), sum(i * n) FROM t GROUP BY s, b, n",
        "SELECT w, count(*), sum(u) FROM t GROUP BY w",
        "SELECT i, count(*), max(f) FROM t GROUP BY i",
        "SELECT stddev(f), var_pop(g), variance(i), stddev_pop(d), var_samp(u) FROM t",
        "SELECT s, stddev(f), var_pop(g), variance(i), stddev_pop(d * d) FROM t GROUP BY s",
        "SELECT i, stddev(f), avg(f), var_pop(d), first(w), last(f, ts) FROM t GROUP BY i",
        "SELECT count(DISTINCT w), count(DISTINCT f), sum(DISTINCT i), avg(DISTINCT f) FROM t",
        "SELECT n, count(DISTINCT w), count(DISTINCT u), sum(DISTINCT d) FROM t GROUP BY n",
        "SELECT i, count(DISTINCT s) FILTER (WHERE b), arg_min(w, f), any_value(d) FROM t "
            + "GROUP BY i",
        "SELECT u, count(*) FROM t GROUP BY u ORDER BY u",
        "SELECT d * d, count(*) FROM t WHERE n < 10 GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
        "SELECT date_trunc('month', day), extract(year FROM ts), count(*) FROM t GROUP BY 1, 2",
        "SELECT f, count(*) FROM t WHERE s LIKE 'k1%' GROUP BY f",
        "SELECT * FROM t",
        "SELECT i, s FROM t WHERE s IN ('k1', 'k2', 'nothing') AND i BETWEEN -500 AND 500",
        "SELECT w, f FROM t ORDER BY w DESC, f LIMIT 50 OFFSET 7",
        "SELECT i, n, w FROM t ORDER BY n, i",
        "SELECT i FROM t LIMIT 33 OFFSET 3000",
        "SELECT s, sum(n) AS x FROM t GROUP BY s ORDER BY x DESC, s LIMIT 5",
        "SELECT count(*) FROM t WHERE f > i OR d = i OR u > 5.5 AND NOT b",
        "SELECT count(*) FROM t WHERE (n > 0) = b",
        "SELECT CAST(i AS STRING), CAST(d AS INT64), CAST(f AS DECIMAL(18,2)) FROM t LIMIT 100",
    ]

    @Test("answers are the same for every number of workers and however rows are stored")
    func workers() async throws {
        var expected: [[[Literal]]] = []
        for (round, workerCount) in [1, 2, 5].enumerated() {
            let test = try TestDatabase(workerCount: workerCount)
            try await SampleTable.fill(
                test, rowCount: 9_000, sealedCount: round * 4_000, seed: 42)
            for (index, sql) in Self.queries.enumerated() {
                let rows = try await test.rows(sql)
                if round == 0 {
                    expected.append(rows)
                } else {
                    #expect(rows == expected[index], "\(sql) with \(workerCount) workers")
                }
            }
        }
    }

    @Test("aggregates agree with a slow loop over all rows")
    func slowLoop() async throws {
        let test = try TestDatabase()
        try await SampleTable.fill(test, rowCount: 5_000, sealedCount: 3_000, seed: 7)
        let rows = try await test.rows("SELECT s, i, n, u, d FROM t WHERE n <> 3")
        var sums: [Literal: (count: Int128, sum: Int128, product: Int128, low: Int128?)] = [:]
        for row in rows {
            var group = sums[row[0]] ?? (0, 0, 0, nil)
            group.count += 1
            if case .integer(let u) = row[3] { group.sum += u }
            if case .integer(let i) = row[1], case .decimal(let d, _) = row[4] {
                group.product += i * d
                group.low = min(group.low ?? i * d, i * d)
            }
            sums[row[0]] = group
        }
        let found = try await test.rows(
            "SELECT s, count(*), sum(u), sum(i * d), min(i * d) FROM t WHERE n <> 3 GROUP BY s")
        #expect(found.count == sums.count)
        for row in found {
            let group = try #require(sums[row[0]])
            #expect(row[1] == .integer(group.count))
            #expect(row[2] == .decimal(unscaled: group.sum, scale: 0))
            #expect(row[3] == .decimal(unscaled: group.product, scale: 3))
            #expect(row[4] == group.low.map { .decimal(unscaled: $0, scale: 3) } ?? .null)
        }
    }

    @Test("a filter selects what its conditions say of each row")
    func filters() async throws {
        let test = try TestDatabase()
        try await SampleTable.fill(test, rowCount: 4_000, sealedCount: 2_500, seed: 11)
        let conditions = [
            "i > 17", "n <= -5", "u >= 18446744073709551610", "d < 0.5", "f > 3", "g = 1.125",
            "f < d", "i = n", "u > i", "g >= n", "day > DATE '2024-01-01'", "s = 'k7'", "s < 'k2'",
            "w LIKE '%7_'", "s IN ('k1', 'k33')", "i IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)", "b",
            "n IS NULL", "s <> w", "u IN (3, 18446744073709551615)", "d <> 1.5e0", "n * 2 > i",
        ]
        for condition in conditions {
            let truth = try await test.rows("SELECT \(condition) FROM t")
            let total = truth.reduce(into: [Literal: Int]()) { $0[$1[0], default: 0] += 1 }
            for (sql, literal) in [
                (condition, Literal.bool(true)), ("NOT (\(condition))", .bool(false)),
                ("(\(condition)) IS NULL", .null),
            ] {
                let count = try await test.rows("SELECT count(*) FROM t WHERE \(sql)")
                #expect(count == [[.integer(Int128(total[literal] ?? 0))]], "\(sql)")
            }
        }
    }
}
