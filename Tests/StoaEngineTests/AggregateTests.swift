import StoaBase
import StoaEngine
import StoaModel
import Testing

/// The aggregates beyond `sum`, against a slow loop over the rows that the table gives back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct AggregateTests {
    private static let columns = ["i", "n", "u", "d", "f", "g", "b", "day", "ts", "s", "w"]

    private func filled(
        _ rowCount: Int, seed: UInt64, workerCount: Int = 2
    ) async throws -> TestDatabase {
        let test = try TestDatabase(workerCount: workerCount)
        try await SampleTable.fill(
            test, rowCount: rowCount, sealedCount: rowCount / 2, seed: seed)
        return test
    }

    /// The rows of each group, in row order.
    private func groups(_ test: TestDatabase) async throws -> [Literal: [[Literal]]] {
        let list = Self.columns.joined(separator: ", ")
        let rows = try await test.rows("SELECT \(list) FROM t")
        return Dictionary(grouping: rows) { $0[9] }
    }

    private func isLess(_ left: Literal, _ right: Literal) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): !left && right
        case (.integer(let left), .integer(let right)): left < right
        case (.decimal(let left, _), .decimal(let right, _)): left < right
        case (.float(let left), .float(let right)): left < right
        case (.date(let left), .date(let right)): left < right
        case (.timestamp(let left), .timestamp(let right)): left < right
        case (.string(let left), .string(let right)): left.lexicographicallyPrecedes(right)
        default: false
        }
    }

    @Test("distinct values are counted exactly, of every type")
    func distinct() async throws {
        let test = try await filled(6_000, seed: 3)
        let groups = try await groups(test)
        let calls = Self.columns.map { "count(DISTINCT \($0))" }.joined(separator: ", ")
        let rows = try await test.rows(
            "SELECT s, \(calls), count(DISTINCT d * d) FROM t GROUP BY s")
        #expect(rows.count == groups.count)
        for row in rows {
            let group = try #require(groups[row[0]])
            for column in Self.columns.indices {
                let values = Set(group.map { $0[column] }).subtracting([.null])
                #expect(row[column + 1] == .integer(Int128(values.count)), "\(column)")
            }
            let squares = Set(group.compactMap { $0[3].unscaled?.magnitude })
            #expect(row[12] == .integer(Int128(squares.count)))
        }
        let all = try await test.rows("SELECT \(calls) FROM t")
        for column in Self.columns.indices {
            let values = groups.values.joined().map { $0[column] }
            let count = Set(values).subtracting([.null]).count
            #expect(all[0][column] == .integer(Int128(count)), "\(column)")
        }
    }

    @Test("sums and averages of distinct values take each value once")
    func distinctSums() async throws {
        let test = try await filled(6_000, seed: 4)
        let rows = try await test.rows(
            """
            SELECT s, sum(DISTINCT n), avg(DISTINCT n), sum(DISTINCT u), sum(DISTINCT d),
            sum(DISTINCT g) FROM t GROUP BY s
            """)
        for row in rows {
            let group = try #require(try await groups(test)[row[0]])
            func sum(_ column: Int) -> Int128 {
                Set(group.compactMap { $0[column].unscaled }).reduce(0, +)
            }
            #expect(row[1] == .decimal(unscaled: sum(1), scale: 0))
            let count = Set(group.compactMap { $0[1].unscaled }).count
            #expect(row[2] == .float(Double(sum(1)) / Double(count)))
            #expect(row[3] == .decimal(unscaled: sum(2), scale: 0))
            #expect(row[4] == .decimal(unscaled: sum(3), scale: 3))
            // Eighths add up exactly in any order.
            let floats = Set(
                group.compactMap { row -> Double? in
                    if case .float(let value) = row[5] { value } else { nil }
                })
            #expect(row[5] == .float(floats.reduce(0, +)))
        }
    }

    @Test("arg_min and arg_max give the first of the rows that win", arguments: 0..<11)
    func extremes(by: Int) async throws {
        let test = try await filled(3_000, seed: 5)
        let groups = try await groups(test)
        let key = Self.columns[by]
        for (column, name) in Self.columns.enumerated() {
            let rows = try await test.rows(
                """
                SELECT s, arg_min(\(name), \(key)), arg_max(\(name), \(key)),
                first(\(name), \(key)), last(\(name), \(key)), any_value(\(name)),
                first(\(name)), last(\(name)) FROM t
                GROUP BY s
                """)
            for row in rows {
                let valued = try #require(groups[row[0]]).filter { $0[column] != .null }
                let group = valued.filter { $0[by] != .null }
                var (least, greatest, last): ([Literal]?, [Literal]?, [Literal]?)
                for row in group {
                    if least.map({ isLess(row[by], $0[by]) }) ?? true { least = row }
                    if greatest.map({ isLess($0[by], row[by]) }) ?? true { greatest = row }
                    if !(last.map({ isLess(row[by], $0[by]) }) ?? false) { last = row }
                }
                #expect(row[1] == least?[column] ?? .null)
                #expect(row[2] == greatest?[column] ?? .null)
                #expect(row[3] == row[1])
                #expect(row[4] == last?[column] ?? .null)
                #expect(row[5] == valued.first?[column] ?? .null)
                #expect(row[6] == row[5])
                #expect(row[7] == valued.last?[column] ?? .null)
            }
        }
    }

    @Test("first and last follow the table's time column")
    func time() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE e (at TIMESTAMP, x INT64, name STRING) TIME (at)",
            """
            INSERT INTO e VALUES ('2024-01-03', 3, 'c'), ('2024-01-01', 1, 'a'),
            ('2024-01-05', NULL, 'z'), ('2024-01-04', 4, 'd'), ('2024-01-04', 5, 'e'),
            (NULL, 9, 'n'), ('2024-01-01', 2, 'b')
            """)
        let rows = try await test.rows(
            "SELECT first(x), last(x), first(name), last(name), any_value(x) FROM e")
        let texts = ["a", "z"].map { Literal.string(Array($0.utf8)) }
        #expect(rows == [[.integer(1), .integer(5), texts[0], texts[1], .integer(3)]])
    }

    @Test("FILTER narrows one aggregate and leaves the others alone")
    func filter() async throws {
        let test = try await filled(5_000, seed: 6)
        let conditions = ["n > 0", "b", "s IN ('k1', 'k2')", "f IS NULL", "false", "n > 0 OR b"]
        let calls = [
            "count(*)", "count(i)", "sum(i)", "avg(f)", "min(w)", "max(d)", "count(DISTINCT u)",
            "stddev(f)", "var_pop(d)", "arg_max(w, f)", "last(i)", "sum(DISTINCT n)",
        ]
        for condition in conditions {
            let filtered = calls.map { "\($0) FILTER (WHERE \(condition))" }
            let list = filtered.joined(separator: ", ")
            let one = try await test.rows("SELECT \(list), count(*) FROM t")
            let plain = calls.joined(separator: ", ")
            let other = try await test.rows("SELECT \(plain) FROM t WHERE \(condition)")
            #expect(Array(one[0].dropLast()) == other[0], "\(condition)")
            #expect(one[0].last == .integer(5_000))
            let groups = try await test.rows("SELECT s, \(list) FROM t GROUP BY s")
            let others = try await test.rows(
                "SELECT s, \(plain) FROM t WHERE \(condition) GROUP BY s")
            let known = Dictionary(uniqueKeysWithValues: others.map { ($0[0], $0) })
            let nothing = try await test.rows("SELECT \(plain) FROM t WHERE false")[0]
            for row in groups {
                #expect(row == known[row[0]] ?? [row[0]] + nothing, "\(condition)")
            }
        }
        // What does not pass cannot fail either.
        let safe = try await test.rows(
            "SELECT sum(i // n) FILTER (WHERE n <> 0) FROM t WHERE n IS NOT NULL")
        #expect(safe.count == 1)
    }

    @Test("aggregates of nothing and of one row")
    func fewRows() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE e (x FLOAT64, n INT32, w STRING)")
        let sql = """
            SELECT count(DISTINCT x), count(DISTINCT w), sum(DISTINCT n), avg(DISTINCT x),
            stddev(x), stddev_pop(x), var_samp(n), var_pop(n), first(w), last(n), arg_min(w, x),
            any_value(x), weighted_avg(x, n), count_if(n > 0), bool_and(n > 0), bool_or(n > 0)
            FROM e
            """
        let zero = Literal.integer(0)
        let nothing: [Literal] = Array(repeating: .null, count: 16)
        var expected = nothing
        (expected[0], expected[1], expected[13]) = (zero, zero, zero)
        #expect(try await test.rows(sql) == [expected])
        #expect(try await test.rows(sql + " WHERE x > 1 GROUP BY n").isEmpty)
        try await test.run("INSERT INTO e VALUES (2.5, 4, 'a')")
        let text = Literal.string([97])
        #expect(
            try await test.rows(sql) == [
                [
                    .integer(1), .integer(1), .decimal(unscaled: 4, scale: 0), .float(2.5), .null,
                    .float(0), .null, .float(0), text, .integer(4), text, .float(2.5),
                    .float(2.5), .integer(1), .bool(true), .bool(true),
                ]
            ])
    }

    @Test("variances of known values")
    func variances() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE e (x FLOAT64, n INT64, u UINT64, d DECIMAL(6,2))",
            """
            INSERT INTO e VALUES (2, 2, 2, 0.02), (4, 4, 4, 0.04), (4, 4, 4, 0.04), (4, 4, 4, 0.04),
            (5, 5, 5, 0.05), (5, 5, 5, 0.05), (7, 7, 7, 0.07), (9, 9, 9, 0.09),
            (NULL, NULL, NULL, NULL)
            """)
        let rows = try await test.rows(
            """
            SELECT stddev_pop(x), stddev_pop(n), stddev_pop(u), stddev_pop(d), var_pop(x),
            var_samp(n), var_samp(u), var_pop(d), var_pop(d * d * d), weighted_avg(x, n) FROM e
            """)
        let sample = 32.0 / 7
        // The sixth powers of 2, 4, 5, 7 and 9 in 10^-12, divided once.
        let cubes: [Int] = [8, 64, 64, 64, 125, 125, 343, 729]
        let sum = cubes.reduce(0, +)
        let squares = cubes.reduce(0) { $0 + $1 * $1 }
        let wide = Double(8 * squares - sum * sum) / 64e12
        #expect(
            rows == [
                [
                    .float(2), .float(2), .float(2), .float(0.02), .float(4), .float(sample),
                    .float(sample), .float(0.0004), .float(wide), .float(232.0 / 40),
                ]
            ])
    }

    @Test("the largest integers have an exact variance")
    func largest() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE e (n INT64, u UINT64)",
            "INSERT INTO e VALUES (9223372036854775807, 18446744073709551615), "
                + "(-9223372036854775808, 0)"
        )
        let rows = try await test.rows("SELECT stddev_pop(n), stddev_pop(u) FROM e")
        #expect(rows == [[.float(0x1p63), .float(0x1p63)]])
    }
}

extension Literal {
    /// The integer behind a number.
    fileprivate var unscaled: Int128? {
        switch self {
        case .integer(let value), .decimal(let value, _): value
        default: nil
        }
    }
}
