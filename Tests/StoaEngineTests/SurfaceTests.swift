import StoaBase
import StoaEngine
import StoaModel
import Testing

@Suite(.timeLimit(.minutes(4))) struct SurfaceTests {
    /// An expression, and what it is as text; `!` means an error, NULL is `∅`.
    private static let constants: [(String, String)] = [
        ("CASE WHEN 1 > 2 THEN 'a' WHEN 2 > 1 THEN 'b' ELSE 'c' END", "b"),
        ("CASE 3 WHEN 1 THEN 10 WHEN 3 THEN 30 END", "30"),
        ("CASE 4 WHEN 1 THEN 10 END", "∅"),
        ("coalesce(NULL, NULL, 7, 8)", "7"), ("ifnull(NULL, 'x')", "x"),
        ("nullif(3, 3)", "∅"), ("nullif(3, 4)", "3"), ("coalesce(1, 2.5)", "1.0"),
        ("greatest(1, NULL, 7, 3)", "7"), ("least(4, 2.5, NULL)", "2.5"),
        ("NULL IS DISTINCT FROM NULL", "false"), ("1 IS DISTINCT FROM NULL", "true"),
        ("1 IS NOT DISTINCT FROM 1", "true"), ("(1 > 2) IS FALSE", "true"),
        ("(NULL = 1) IS NOT TRUE", "true"),
        ("abs(-5)", "5"), ("abs(-2.50)", "2.50"), ("abs(-1.5e0)", "1.5"), ("sign(-3)", "-1"),
        ("sign(0.0)", "0"), ("floor(-1.5)", "-2"), ("ceil(-1.5)", "-1"), ("floor(2.7e0)", "2.0"),
        ("trunc(-2.7)", "-2"), ("round(2.5)", "3"), ("round(-2.345, 2)", "-2.35"),
        ("round(2.5e0)", "3.0"), ("round(1.005e0, 1)", "1.0"), ("sqrt(16)", "4.0"),
        ("power(2, 10)", "1024.0"), ("log10(1000)", "3.0"), ("mod(7, 3)", "1"), ("exp(0)", "1.0"),
        ("lower('ÄbC')", "äbc"), ("upper('äbß')", "ÄBß"), ("length('aß€😀')", "4"),
        ("octet_length('aß€😀')", "10"), ("substring('größe', 3)", "öße"),
        ("substring('größe', 2, 3)", "röß"), ("substr('abc', -2, 1)", "b"),
        ("substr('abc', 0, 2)", "a"), ("'a' || 1 || 'b'", "a1b"), ("concat('a', NULL, 2)", "a2"),
        ("'a' || NULL", "∅"), ("trim('  a b ')", "a b"), ("ltrim('xxax', 'x')", "ax"),
        ("rtrim('xxaxy', 'yx')", "xxa"), ("replace('banana', 'an', 'o')", "booa"),
        ("left('größe', 3)", "grö"), ("right('größe', 2)", "ße"), ("left('abc', -1)", "ab"),
        ("lpad('7', 3, '0')", "007"), ("rpad('abc', 2, 'x')", "ab"), ("reverse('aß😀')", "😀ßa"),
        ("repeat('ab', 3)", "ababab"), ("strpos('größe', 'ß')", "4"), ("strpos('a', 'b')", "0"),
        ("starts_with('abc', 'ab')", "true"), ("ends_with('abc', 'bc')", "true"),
        ("contains('a%c', '%')", "true"), ("'ABC' ILIKE 'a_C'", "true"),
        ("'a%c' LIKE 'a!%c' ESCAPE '!'", "true"), ("'abc' LIKE 'a!%c' ESCAPE '!'", "false"),
        ("'abc' NOT LIKE 'b%'", "true"), ("repeat('x', 2000000)", "!"),
        ("TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1 month'", "2024-02-29 10:00:00"),
        ("TIMESTAMP '2024-03-31' - INTERVAL 1 MONTH", "2024-02-29 00:00:00"),
        ("DATE '2024-02-28' + INTERVAL '1 day 02:30:00'", "2024-02-29 02:30:00"),
        ("DATE '2024-02-28' + 2", "2024-03-01"), ("DATE '2024-03-01' - DATE '2024-02-28'", "2"),
        ("TIMESTAMP '2024-01-01 00:00:01' - TIMESTAMP '2024-01-01'", "1000000"),
        ("TIMESTAMP '2024-01-01' + INTERVAL '1 hour' * 3", "2024-01-01 03:00:00"),
        ("TIMESTAMP '9999-12-31' + INTERVAL '1 year'", "!"), ("CAST('x' AS INT64)", "!"),
        ("CASE WHEN 1 > 2 THEN CAST('x' AS INT64) ELSE 7 END", "7"),
        ("CASE WHEN 1 < 2 THEN CAST('x' AS INT64) ELSE 7 END", "!"),
        ("CASE WHEN 1 > 2 THEN DATE '2024-02-30' ELSE DATE '2024-02-29' END", "2024-02-29"),
        ("coalesce(3, CAST('x' AS INT64))", "3"), ("1 > 2 AND CAST('x' AS BOOL)", "false"),
        ("1 < 2 OR CAST('x' AS BOOL)", "true"), ("CAST('x' AS BOOL) AND 1 > 2", "!"),
        ("CASE WHEN 1 > 2 THEN DATE '9999-12-31' + 1 END", "∅"),
        ("0.1e0 = 0.1", "true"), ("0.1 IN (0.1e0)", "true"), ("1 IN (2, 3 - 2, NULL)", "true"),
        ("sign(CAST('nan' AS FLOAT64))", "0"), ("1 ISNULL", "false"), ("1 NOTNULL", "true"),
        ("round(2.675e0, 2)", "2.67"), ("CAST(2.675e0 AS DECIMAL(9,2))", "2.67"),
        ("round(0.285e0, 2)", "0.28"), ("round(1e300, 2)", "1e+300"), ("lower('İ')", "i"),
        ("upper('ᾳ')", "ᾼ"), ("substring('hello', -7, 3)", "h"),
        ("substring('hello', 7, -2)", "o"), ("substring('hello', 0, 3)", "he"),
        ("epoch_ms(TIMESTAMP '1969-12-31 23:59:59.9995')", "-1"), ("7.5e0 // 2", "3.0"),
        (
            "date_diff('hour', TIMESTAMP '2024-01-01 00:59:59', TIMESTAMP '2024-01-01 01:00:00')",
            "1"
        ),
        ("date_diff('month', DATE '2024-03-01', DATE '2023-12-31')", "-3"),
        ("date_diff('week', DATE '2024-01-07', DATE '2024-01-08')", "1"),
        ("epoch_ms(TIMESTAMP '1970-01-01 00:00:01.5')", "1500"),
        ("epoch(TIMESTAMP '1970-01-01 00:00:01.5')", "1.5"),
        (
            "time_bucket(INTERVAL '15 minutes', TIMESTAMP '2024-05-05 10:44:59')",
            "2024-05-05 10:30:00"
        ),
        ("time_bucket(INTERVAL '1 week', TIMESTAMP '2024-05-05 10:44:59')", "2024-04-29 00:00:00"),
        ("time_bucket(INTERVAL '5 months', DATE '2024-05-05')", "2024-03-01"),
        (
            "time_bucket(INTERVAL 7 DAY, TIMESTAMP '2024-05-05', TIMESTAMP '2024-05-01 12:00:00')",
            "2024-05-01 12:00:00"
        ),
        ("date_trunc('quarter', TIMESTAMP '2024-05-05 10:00:00')", "2024-04-01 00:00:00"),
        ("date_trunc('week', DATE '0001-01-05')", "0001-01-01"),
        ("year(DATE '2024-05-05') * 100 + month(DATE '2024-05-05')", "202405"),
        ("extract(doy FROM DATE '2024-12-31')", "366"),
        ("to_timestamp(1.5)", "1970-01-01 00:00:01.5"),
        ("make_date(2024, 2, 29)", "2024-02-29"), ("make_date(2023, 2, 29)", "!"),
        ("make_date(19000)", "2022-01-08"), ("make_date(2024, NULL, 1)", "∅"),
        ("make_date(99999999999, 1, 1)", "!"),
        ("make_timestamp(2024, 5, 6, 7, 8, 9.25)", "2024-05-06 07:08:09.25"),
        ("make_timestamp(2024, 1, 1, 23, 59, 60)", "2024-01-02 00:00:00"),
        ("make_timestamp(2024, 1, 1, 24, 0, 0)", "2024-01-02 00:00:00"),
        ("make_timestamp(2024, 1, 1, 24, 0, 1)", "!"),
        ("make_timestamp(2024, 13, 1, 0, 0, 0)", "!"),
        ("make_timestamp(2024, 1, 1, 0, 60, 0)", "!"),
        ("make_timestamp(2024, 1, 1, 0, 0, -1)", "!"),
        ("make_timestamp(9999, 12, 31, 24, 0, 0)", "!"),
        ("make_timestamp(1700000000000000)", "2023-11-14 22:13:20"),
        ("7 + DATE '2024-02-28'", "2024-03-06"), ("DATE '9999-12-31' + 1", "!"),
        ("DATE '0001-01-01' - 9223372036854775807", "!"),
        ("current_date <= now()", "true"), ("1 // 0", "!"), ("length(NULL)", "∅"),
    ]

    private static func text(_ value: Literal) -> String {
        switch value {
        case .null: return "∅"
        case .string(let bytes): return String(decoding: bytes, as: UTF8.self)
        default: return "?"
        }
    }

    @Test("functions of constants have these values, folded or computed for a row")
    func constantValues() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE one (a INT64)", "INSERT INTO one VALUES (1)")
        for (expression, expected) in Self.constants {
            for table in ["", " FROM one"] {
                let sql = "SELECT CAST(\(expression) AS STRING)\(table)"
                do {
                    let rows = try await test.rows(sql)
                    #expect(rows.count == 1)
                    #expect(Self.text(rows[0][0]) == expected, "\(sql)")
                } catch {
                    #expect(expected == "!", "\(sql): \(error)")
                }
            }
        }
    }

    /// A function of one column, and what it is of one value.
    private struct Function: Sendable {
        let sql: String
        let column: String
        let reference: @Sendable (Literal) -> Literal
    }

    private static func ofText(
        _ sql: String, column: String, _ body: @escaping @Sendable (String) -> Literal
    ) -> Function {
        Function(sql: sql, column: column) { value in
            guard case .string(let bytes) = value else { return .null }
            return body(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func string(_ text: some StringProtocol) -> Literal {
        .string(Array(text.utf8))
    }

    private static func scalars(_ text: some Sequence<Unicode.Scalar>) -> Literal {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text)
        return string(String(view))
    }

    private static func textFunctions(_ name: String) -> [Function] {
        return [
            ofText("upper(\(name))", column: name) { text in
                scalars(
                    text.unicodeScalars.map {
                        $0.isASCII ? Unicode.Scalar(String($0).uppercased())! : $0
                    })
            },
            ofText("length(\(name))", column: name) { .integer(Int128($0.unicodeScalars.count)) },
            ofText("octet_length(\(name))", column: name) { .integer(Int128($0.utf8.count)) },
            ofText("substring(\(name), 2, 2)", column: name) {
                scalars($0.unicodeScalars.dropFirst().prefix(2))
            },
            ofText("right(\(name), 2)", column: name) { scalars($0.unicodeScalars.suffix(2)) },
            ofText("left(\(name), 1)", column: name) { scalars($0.unicodeScalars.prefix(1)) },
            ofText("reverse(\(name))", column: name) { scalars($0.unicodeScalars.reversed()) },
            ofText("\(name) || '!'", column: name) { string($0 + "!") },
            ofText("replace(\(name), '1', 'one')", column: name) { text in
                string(
                    text.split(separator: "1", omittingEmptySubsequences: false)
                        .joined(separator: "one"))
            },
            ofText("\(name) || \(name)", column: name) { string($0 + $0) },
            ofText("starts_with(\(name), 'k1')", column: name) {
                .bool($0.utf8.starts(with: "k1".utf8))
            },
            ofText("contains(\(name), '%')", column: name) { .bool($0.utf8.contains(37)) },
            ofText("strpos(\(name), '3')", column: name) { text in
                let index = text.unicodeScalars.firstIndex(of: "3")
                return .integer(
                    Int128(
                        index.map {
                            text.unicodeScalars.distance(
                                from: text.unicodeScalars.startIndex, to: $0) + 1
                        } ?? 0))
            },
            ofText("\(name) ILIKE 'K%9%'", column: name) {
                .bool(($0.hasPrefix("k") || $0.hasPrefix("K")) && $0.utf8.contains(57))
            },
            Function(
                sql: "CASE WHEN \(name) < 'k2' THEN upper(\(name)) ELSE 'z' END", column: name
            ) { value in
                guard case .string(let bytes) = value,
                    bytes.lexicographicallyPrecedes("k2".utf8)
                else { return string("z") }
                return .string(bytes.map { $0 == 107 ? 75 : $0 })
            },
        ]
    }

    private static let numberFunctions: [Function] = [
        Function(sql: "abs(i)", column: "i") { value in
            if case .integer(let number) = value { .integer(abs(number)) } else { .null }
        },
        Function(sql: "sign(d)", column: "d") { value in
            if case .decimal(let number, _) = value { .integer(number.signum()) } else { .null }
        },
        Function(sql: "floor(d)", column: "d") { value in
            guard case .decimal(let number, _) = value else { return .null }
            let floor = number >= 0 ? number / 1_000 : -((-number + 999) / 1_000)
            return .decimal(unscaled: floor, scale: 0)
        },
        Function(sql: "round(d, 1)", column: "d") { value in
            guard case .decimal(let number, _) = value else { return .null }
            let rounded = (abs(number) + 50) / 100
            return .decimal(unscaled: number < 0 ? -rounded : rounded, scale: 1)
        },
        Function(sql: "abs(f)", column: "f") { value in
            if case .float(let number) = value { .float(number.magnitude) } else { .null }
        },
        Function(sql: "floor(f)", column: "f") { value in
            if case .float(let number) = value { .float(number.rounded(.down)) } else { .null }
        },
        Function(sql: "CASE WHEN i > 0 THEN i WHEN i < -5000 THEN 0 END", column: "i") { value in
            guard case .integer(let number) = value else { return .null }
            return number > 0 ? value : number < -5_000 ? .integer(0) : .null
        },
        Function(sql: "CASE WHEN i = 0 THEN 0 ELSE 1000 // i END", column: "i") { value in
            guard case .integer(let number) = value else { return .null }
            return .integer(number == 0 ? 0 : 1_000 / number)
        },
        Function(sql: "coalesce(n, 7)", column: "n") { $0 == .null ? .integer(7) : $0 },
        Function(sql: "greatest(n, 5)", column: "n") { value in
            if case .integer(let number) = value { .integer(max(number, 5)) } else { .integer(5) }
        },
        Function(sql: "nullif(n, 3)", column: "n") { $0 == .integer(3) ? .null : $0 },
        Function(sql: "u IS DISTINCT FROM 3", column: "u") { .bool($0 != .integer(3)) },
        Function(sql: "coalesce(b, true)", column: "b") { $0 == .null ? .bool(true) : $0 },
    ]

    private static func ofMoment(
        _ sql: String, _ body: @escaping @Sendable (Int64) -> Literal
    ) -> Function {
        Function(sql: sql, column: "ts") { value in
            if case .timestamp(let moment) = value { body(moment) } else { .null }
        }
    }

    private static func month(_ moment: Int64, width: Int) -> Int64 {
        var day = CivilTime.day(CivilTime.split(microseconds: moment).days)
        let month = (day.year * 12 + day.month - 1) / width * width
        day = CivilTime.Day(year: month / 12, month: month % 12 + 1, day: 1)
        return Int64(CivilTime.days(day) ?? 0) * CivilTime.microsecondsPerDay
    }

    private static let timeFunctions: [Function] = [
        ofMoment("date_trunc('hour', ts)") { .timestamp($0 - $0 % 3_600_000_000) },
        ofMoment("date_trunc('minute', ts)") { .timestamp($0 - $0 % 60_000_000) },
        ofMoment("date_trunc('month', ts)") { .timestamp(month($0, width: 1)) },
        ofMoment("date_trunc('year', ts)") { .timestamp(month($0, width: 12)) },
        ofMoment("time_bucket(INTERVAL '3 months', ts)") { .timestamp(month($0, width: 3)) },
        ofMoment("time_bucket(INTERVAL '7 minutes', ts, TIMESTAMP '1970-01-01')") {
            .timestamp($0 - $0 % 420_000_000)
        },
        ofMoment("extract(hour FROM ts)") { .integer(Int128($0 / 3_600_000_000 % 24)) },
        ofMoment("extract(second FROM ts)") { .integer(Int128($0 / 1_000_000 % 60)) },
        ofMoment("extract(dow FROM ts)") { .integer(Int128(($0 / 86_400_000_000 + 4) % 7)) },
        ofMoment("extract(year FROM ts)") {
            .integer(Int128(CivilTime.day(CivilTime.split(microseconds: $0).days).year))
        },
        ofMoment("ts + INTERVAL '90 minutes'") { .timestamp($0 + 5_400_000_000) },
        ofMoment("ts - TIMESTAMP '1970-01-01'") { .integer(Int128($0)) },
        ofMoment("date_diff('day', TIMESTAMP '1970-01-01', ts)") {
            .integer(Int128($0 / 86_400_000_000))
        },
        ofMoment("CAST(ts AS DATE)") { .date(CivilTime.split(microseconds: $0).days) },
    ]

    @Test("functions of columns are those of their values, sealed or not", arguments: [1, 2])
    func columnValues(seed: UInt64) async throws {
        let test = try TestDatabase()
        try await SampleTable.fill(test, rowCount: 6_000, sealedCount: 3_500, seed: seed)
        let functions =
            Self.textFunctions("s") + Self.textFunctions("w") + Self.numberFunctions
            + Self.timeFunctions
        for function in functions {
            let rows = try await test.rows("SELECT \(function.column), \(function.sql) FROM t")
            #expect(rows.count == 6_000)
            let wrong = rows.first { function.reference($0[0]) != $0[1] }
            #expect(wrong == nil, "\(function.sql)")
        }
    }

    @Test(
        "a group by a function has the groups of its values",
        arguments: [
            "date_trunc('hour', ts)", "date_trunc('month', ts)", "upper(s)", "length(w)",
            "left(w, 2)",
            "time_bucket(INTERVAL '1 day', ts)", "extract(dow FROM ts)", "coalesce(n, 0)",
            "CASE WHEN i > 0 THEN 'p' ELSE 'n' END", "i % 7", "CAST(ts AS DATE)",
        ])
    func groups(expression: String) async throws {
        let test = try TestDatabase()
        try await SampleTable.fill(test, rowCount: 4_000, sealedCount: 2_000, seed: 5)
        var counts: [Literal: Int128] = [:]
        for row in try await test.rows("SELECT \(expression) FROM t") {
            counts[row[0], default: 0] += 1
        }
        let grouped = try await test.rows("SELECT \(expression) AS k, count(*) FROM t GROUP BY k")
        #expect(grouped.count == counts.count)
        #expect(grouped.allSatisfy { counts[$0[0]].map { .integer($0) } == $0[1] })
        let distinct = try await test.rows("SELECT DISTINCT \(expression) FROM t")
        #expect(Set(distinct.map { $0[0] }) == Set(counts.keys))
        #expect(distinct.count == counts.count)
        let many = counts.filter { $0.value > 100 }
        let having = try await test.rows(
            "SELECT \(expression) AS k, count(*) AS c FROM t GROUP BY k HAVING c > 100 ORDER BY ALL"
        )
        #expect(Set(having.map { $0[0] }) == Set(many.keys))
    }

    @Test("a branch that is not taken cannot fail, and neither can a group that is dropped")
    func lazyBranches() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64, s STRING)",
            "INSERT INTO t VALUES (0, 'x'), (2, '4'), (NULL, NULL)")
        let number = Literal.integer
        #expect(
            try await test.rows("SELECT CASE WHEN a = 0 THEN -1 ELSE 10 // a END FROM t")
                == [[number(-1)], [number(5)], [.null]])
        #expect(
            try await test.rows("SELECT CASE WHEN s = 'x' THEN 0 ELSE CAST(s AS INT64) END FROM t")
                == [[number(0)], [number(4)], [.null]])
        #expect(
            try await test.rows("SELECT coalesce(a, 1 // 0) FROM t WHERE a IS NOT NULL")
                == [[number(0)], [number(2)]])
        #expect(
            try await test.rows("SELECT 10 // a FROM t GROUP BY a HAVING a > 0") == [[number(5)]])
        #expect(
            try await test.rows("SELECT sum(CASE WHEN a = 0 THEN 1 ELSE 10 // a END) FROM t")
                == [[.decimal(unscaled: 6, scale: 0)]])
        #expect(
            await test.error("SELECT CASE WHEN a = 2 THEN 1 // 0 END FROM t")?.code
                == .divisionByZero)
    }

    @Test("parameters are the values they stand for, by position and by name")
    func parameters() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (a INT64, s STRING, day DATE)",
            "INSERT INTO t VALUES (1, 'x', '2024-01-01'), (2, 'y', '2024-02-01')")
        var options = QueryOptions()
        options.addParameter(name: "", .integer(2), type: .int64)
        options.addParameter(name: "", .string(Array("y".utf8)), type: .string)
        let sql = "SELECT a + ? FROM t WHERE s = ?"
        #expect(try await test.query(sql, options: options).rows == [[.integer(4)]])
        let numbered = "SELECT a FROM t WHERE s = $2 AND a IN ($1, 7) LIMIT $1"
        #expect(try await test.query(numbered, options: options).rows == [[.integer(2)]])
        var named = QueryOptions()
        named.addParameter(name: "day", .string(Array("2024-01-15".utf8)), type: .string)
        #expect(
            try await test.query("SELECT a FROM t WHERE day > :day", options: named).rows
                == [[.integer(2)]])
        #expect(await test.error("SELECT $other", options: named)?.code == .invalidValue)
        #expect(await test.error("SELECT 1", options: options)?.code == .invalidValue)
    }

    @Test("conditions on functions of a column skip blocks")
    func pruning() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE t (ts TIMESTAMP, s STRING)")
        var ts = ColumnBuilder(name: "ts", type: .timestamp)
        var s = ColumnBuilder(name: "s", type: .string)
        for row in 0..<8_192 {
            ts.append(.timestamp(1_700_000_000_000_000 + Int64(row) * 60_000_000))
            s.append(.string(Array("k\(row / 1_024)x".utf8)))
        }
        try await test.ingest("t", [ts, s])
        await test.seal()
        for condition in [
            "date_trunc('day', ts) = TIMESTAMP '2023-11-15'",
            "time_bucket(INTERVAL '1 hour', ts) = TIMESTAMP '2023-11-15 03:00:00'",
            "ts < TIMESTAMP '2023-11-14 22:13:20' + INTERVAL '2 hours'",
            "ts + INTERVAL '1 day' < TIMESTAMP '2023-11-15 23:00:00'", "starts_with(s, 'k3')",
            "ts >= TIMESTAMP '2023-11-20 00:00:00' - INTERVAL '1 hour'",
            "extract(year FROM ts) = 2024", "year(ts) < 2023",
        ] {
            let answer = try await test.query("SELECT count(*) FROM t WHERE \(condition)")
            #expect(answer.summary.rowsSkipped >= 4_096, "\(condition)")
            let all = try await test.rows("SELECT count(*) FROM t WHERE (\(condition)) IS TRUE")
            #expect(all == answer.rows, "\(condition)")
        }
    }
}
