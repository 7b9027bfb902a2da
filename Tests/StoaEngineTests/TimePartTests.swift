import StoaBase
import StoaEngine
import StoaModel
import Testing

/// Times made of numbers, and moved by them, row by row.
@Suite(.timeLimit(.minutes(2))) struct TimePartTests {
    /// Rows of a day, its parts and a time of day; some of them NULL.
    private struct Row {
        var day: Int32?
        var offset: Int64?
        var microsecond: Int64

        static func random(_ random: inout SeededRandom) -> Row {
            Row(
                day: (random.next() % 9) == 0
                    ? nil : CivilTime.firstDay + 40_000 + Int32((random.next() % 3_000_000)),
                offset: (random.next() % 9) == 0
                    ? nil : Int64((random.next() % 60_000)) - 30_000,
                microsecond: Int64((random.next() % 86_400_000_000)))
        }
    }

    private static func fill(_ test: TestDatabase, _ rows: [Row]) async throws {
        try await test.run(
            "CREATE TABLE t (d DATE, n INT32, y INT16, mo INT8, da UINT8, h INT64, mi INT32, "
                + "s FLOAT64)")
        var columns = [
            ColumnBuilder(name: "d", type: .date), ColumnBuilder(name: "n", type: .int32),
            ColumnBuilder(name: "y", type: .int16), ColumnBuilder(name: "mo", type: .int8),
            ColumnBuilder(name: "da", type: .uint8), ColumnBuilder(name: "h", type: .int64),
            ColumnBuilder(name: "mi", type: .int32), ColumnBuilder(name: "s", type: .float64),
        ]
        for row in rows {
            let day = row.day.map { CivilTime.day($0) }
            let second = row.microsecond / 1_000_000
            let values: [Literal] = [
                row.day.map { .date($0) } ?? .null,
                row.offset.map { .integer(Int128($0)) } ?? .null,
                day.map { .integer(Int128($0.year)) } ?? .null,
                .integer(Int128(day?.month ?? 1)), .integer(Int128(day?.day ?? 1)),
                .integer(Int128(second / 3_600)), .integer(Int128(second / 60 % 60)),
                .float(Double(row.microsecond % 60_000_000) / 1e6),
            ]
            for (index, value) in values.enumerated() { columns[index].append(value) }
        }
        try await test.ingest("t", columns)
    }

    @Test("parts make the time they were taken from, and days move dates", arguments: [1, 2])
    func columns(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let rows = (0..<3_000).map { _ in Row.random(&random) }
        let test = try TestDatabase()
        try await Self.fill(test, rows)
        for isSealed in [false, true] {
            if isSealed { await test.seal() }
            let found = try await test.rows(
                "SELECT make_date(y, mo, da), make_timestamp(y, mo, da, h, mi, s), d + n, d - n, "
                    + "n + d, d - DATE '2000-01-01', d + INTERVAL '36 hours' FROM t")
            #expect(found.count == rows.count)
            for (row, values) in zip(rows, found) {
                let day = row.day
                let moved = day.flatMap { day in row.offset.map { Int64(day) + $0 } }
                let back = day.flatMap { day in row.offset.map { Int64(day) - $0 } }
                let midnight = day.map { Int64($0) * CivilTime.microsecondsPerDay }
                let expected: [Literal] = [
                    day.map { .date($0) } ?? .null,
                    midnight.map { .timestamp($0 + row.microsecond) } ?? .null,
                    moved.map { .date(Int32($0)) } ?? .null,
                    back.map { .date(Int32($0)) } ?? .null,
                    moved.map { .date(Int32($0)) } ?? .null,
                    day.map { .integer(Int128($0 - 10_957)) } ?? .null,
                    midnight.map { .timestamp($0 + 129_600_000_000) } ?? .null,
                ]
                #expect(values == expected)
            }
        }
    }

    @Test("only rows that count can fail for want of such a day")
    func failures() async throws {
        let test = try TestDatabase()
        try await test.run(
            "CREATE TABLE t (y INT64, d DATE, n INT64)",
            "INSERT INTO t VALUES (2023, '2023-01-01', 1), (2024, '9999-12-31', 1), "
                + "(2025, NULL, 9223372036854775807)")
        #expect(await test.error("SELECT make_date(y, 2, 29) FROM t")?.code == .invalidValue)
        #expect(
            try await test.rows("SELECT make_date(y, 2, 29) FROM t WHERE y = 2024")
                == [[.date(19_782)]])
        #expect(await test.error("SELECT d + n FROM t")?.code == .numericOverflow)
        #expect(
            try await test.rows("SELECT d + n FROM t WHERE y <> 2024")
                == [[.date(19_359)], [.null]])
        #expect(await test.error("SELECT d + 1.5 FROM t")?.code == .typeMismatch)
        #expect(await test.error("SELECT d * n FROM t")?.code == .typeMismatch)
        #expect(await test.error("SELECT make_date(y, 1.5, 1) FROM t")?.code == .typeMismatch)
        #expect(await test.error("SELECT make_timestamp(y, 1) FROM t")?.code == .typeMismatch)
    }
}
