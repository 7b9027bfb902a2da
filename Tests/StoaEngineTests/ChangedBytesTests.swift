import StoaBase
import StoaEngine
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Bytes that change after they were verified: no query may trap on them, whatever they become.
@Suite(.timeLimit(.minutes(3))) struct ChangedBytesTests {
    /// Queries over every kind of column, runner and order.
    static let menu = [
        "SELECT count(*), sum(i), min(i), max(i), avg(i), count(DISTINCT i) FROM t",
        "SELECT sum(small * patched), sum(i + small), sum(falling) FROM t",
        "SELECT count(DISTINCT s), count(DISTINCT w), count(DISTINCT f), min(s), max(w) FROM t",
        "SELECT s, count(*), sum(small), avg(f) FROM t GROUP BY s",
        "SELECT w, count(*), max(i) FROM t GROUP BY w ORDER BY 2 DESC, w LIMIT 20",
        "SELECT code, count(*), min(w) FROM t GROUP BY code ORDER BY code LIMIT 20",
        "SELECT small, runs, count(*), stddev(patched) FROM t GROUP BY small, runs",
        "SELECT sparse, b, count(*), sum(d) FROM t GROUP BY sparse, b",
        "SELECT date_trunc('month', ts), count(*), sum(few) FROM t GROUP BY 1",
        "SELECT date_trunc('hour', ts), day, count(*) FROM t GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 9",
        "SELECT extract(year FROM ts), extract(dow FROM day), count(*) FROM t GROUP BY 1, 2",
        "SELECT few, any_value(i), first(s), last(w) FROM t GROUP BY few",
        "SELECT * FROM t ORDER BY s, i, w LIMIT 50",
        "SELECT * FROM t ORDER BY ts DESC LIMIT 10",
        "SELECT * FROM t WHERE small = 3 AND w LIKE '%a%'",
        "SELECT i, w, text FROM t WHERE s = 'k7' OR code IN ('C-00017', 'C-00018')",
        "SELECT count(*), sum(few) FROM t WHERE text LIKE '%quick%' AND patched > 100",
        "SELECT count(*) FROM t WHERE ts BETWEEN '2021-01-01' AND '2024-01-01' AND d > 1.5",
        "SELECT count(*), sum(length(w)) FROM t WHERE i IN (1, 5, 77) OR sparse <> 0 OR f > 0.5",
        "SELECT upper(text), lower(s), length(w), substring(w, 2, 3), reverse(text) FROM t",
        "SELECT trim(text), replace(w, 'a', 'bb'), s || w, position('e' IN text) FROM t",
        "SELECT CAST(i AS STRING), CAST(d AS STRING), CAST(ts AS STRING), CAST(f AS STRING) FROM t",
        "SELECT CAST(i AS INT32), CAST(d AS INT64), CAST(f AS FLOAT32) FROM t",
        "SELECT ts + INTERVAL '1' MONTH, day - 3 FROM t",
        "SELECT u, g, same, front, epoch_ms(ts) FROM t WHERE NOT b OR u > 7",
        "SELECT front, count(*) FROM t GROUP BY front ORDER BY front DESC LIMIT 30",
        "SELECT count(DISTINCT front), count(DISTINCT text), max(front), min(same) FROM t",
        "SELECT sum(f), stddev(f), min(g), max(g), sum(u), avg(d) FROM t",
    ]

    static let definition = """
        CREATE TABLE t (i INT64, small INT8, patched INT32, falling INT64, runs INT16,
        sparse INT64, few INT64, u UINT64, d DECIMAL(12,3), f FLOAT64, g FLOAT32, b BOOL,
        day DATE, ts TIMESTAMP, s STRING, w STRING, code STRING, text STRING, same STRING,
        front STRING)
        """

    static func columns(_ count: Int, from first: Int) -> [ColumnBuilder] {
        var random = SeededRandom(seed: UInt64(first) &+ 9)
        let words = ["quick", "brown", "jumps", "lazy", "ünder", "straße", "日本", "aa"]
        var builders: [ColumnBuilder] = []
        func add(_ name: String, _ type: ColumnType, nulls: Bool, _ value: (Int, UInt64) -> Literal)
        {
            var builder = ColumnBuilder(name: name, type: type)
            for row in first..<first + count {
                let wild = random.next()
                if nulls, wild % 11 == 0 {
                    builder.appendNull()
                } else {
                    builder.append(value(row, wild >> 8))
                }
            }
            builders.append(builder)
        }
        func text(_ text: String) -> Literal { .string(Array(text.utf8)) }
        func integer(_ value: Int) -> Literal { .integer(Int128(value)) }
        add("i", .int64, nulls: false) { row, wild in integer(row &* 17 &+ Int(wild % 5)) }
        add("small", .int8, nulls: false) { _, wild in integer(Int(wild % 13)) }
        add("patched", .int32, nulls: true) { _, wild in
            integer(wild % 97 == 0 ? Int(wild % 1_000_000_000) : Int(wild % 200))
        }
        add("falling", .int64, nulls: false) { row, _ in integer(5_000_000 - row * 3) }
        add("runs", .int16, nulls: true) { row, _ in integer(row / 150 % 9) }
        add("sparse", .int64, nulls: false) { _, wild in
            integer(wild % 50 == 0 ? Int(wild % 999) : 0)
        }
        add("few", .int64, nulls: true) { _, wild in
            integer([7, 1 << 40, -9, 1 << 50][Int(wild % 4)])
        }
        add("u", .uint64, nulls: true) { _, wild in
            .integer(Int128(wild % 5 == 0 ? .max : wild % 99))
        }
        add("d", .decimal(precision: 12, scale: 3), nulls: true) { _, wild in
            .decimal(unscaled: Int128(wild % 2_000_000), scale: 3)
        }
        add("f", .float64, nulls: true) { row, wild in
            .float(row % 2_000 < 1_000 ? Double(wild % 10_000) / 100 : Double(wild) / 1e17)
        }
        add("g", .float32, nulls: false) { _, wild in .float(Double(Float(wild % 1_000) / 8)) }
        add("b", .bool, nulls: true) { _, wild in .bool(wild % 2 == 0) }
        add("day", .date, nulls: false) { row, _ in .date(Int32(18_000 + row / 40)) }
        add("ts", .timestamp, nulls: false) { row, wild in
            .timestamp(1_600_000_000_000_000 + Int64(row) * 60_000_000 + Int64(wild % 900))
        }
        add("s", .string, nulls: true) { _, wild in text("k\(wild % 40)") }
        add("w", .string, nulls: true) { _, wild in
            text(
                (0..<Int(wild % 4 + 1)).map { words[Int(wild >> ($0 * 5)) & 7] }.joined(
                    separator: "a"))
        }
        add("code", .string, nulls: true) { row, wind in
            text(
                wind % 200 == 0
                    ? "odd \(wind % 7)" : "C-" + String(100_000 + row % 3_000).dropFirst())
        }
        add("text", .string, nulls: false) { _, wild in
            var mixed = SeededRandom(seed: wild)
            return text(
                (0..<9).map { _ in words[Int(mixed.next() & 7)] }.joined(separator: " ") + "\(wild)"
            )
        }
        add("same", .string, nulls: false) { _, _ in text("always the same") }
        add("front", .string, nulls: false) { row, wild in
            text("https://example.org/path/\(row / 3)/page/\(row)-\(wild % 9)")
        }
        return builders
    }

    static func database() async throws -> TestDatabase {
        var limits = Limits.tiny
        limits.segmentRows = 6_144
        limits.blockRows = 3_072
        let test = try TestDatabase(limits: limits)
        try await test.run(definition)
        for first in stride(from: 0, to: 12_000, by: 600) {
            try await test.ingest("t", columns(600, from: first))
        }
        await test.seal()
        return test
    }

    /// All bytes but the header of each segment file.
    static func files(_ test: TestDatabase) async throws -> [(path: String, bytes: Range<Int>)] {
        let rows = try await test.rows("SELECT path, bytes FROM system.segments ORDER BY path")
        return rows.compactMap { row in
            guard case .string(let path) = row[0] else { return nil }
            let byteCount: Int128 =
                switch row[1] {
                case .integer(let count): count
                case .decimal(let count, _): count
                default: 0
                }
            return (String(decoding: path, as: UTF8.self), 64..<Int(byteCount))
        }
    }

    @Test("no query traps on blocks that changed after they were verified, and none stays changed")
    func flips() async throws {
        let test = try await Self.database()
        var baseline: [[[Literal]]] = []
        for sql in Self.menu { baseline.append(try await test.rows(sql)) }
        let files = try await Self.files(test)
        #expect(files.count >= 2)
        var random = SeededRandom(seed: 4)
        var errorCount = 0, sameCount = 0
        for round in 0..<90 {
            var changed: [(path: String, offset: Int, byte: UInt8)] = []
            let flipCount = [1, 8, 64, 400][round % 4]
            for _ in 0..<flipCount {
                let file = files[Int(random.next() % UInt64(files.count))]
                let offset = file.bytes.lowerBound + Int(random.next() % UInt64(file.bytes.count))
                let byte = UInt8(truncatingIfNeeded: random.next())
                if let before = test.disk.changeMapping(file.path, at: offset, to: byte) {
                    changed.append((file.path, offset, before))
                }
            }
            for sql in Self.menu {
                do {
                    _ = try await test.rows(sql)
                    sameCount += 1
                } catch let error as ServiceError {
                    // Values that never were may overflow before the damage is seen.
                    if error.code == .corruptBlock || error.code == .corruptSegment {
                        errorCount += 1
                    }
                }
            }
            for change in changed.reversed() {
                _ = test.disk.changeMapping(change.path, at: change.offset, to: change.byte)
            }
        }
        #expect(errorCount > 0 && sameCount > 0)
        for (sql, rows) in zip(Self.menu, baseline) {
            #expect(try await test.rows(sql) == rows, "\(sql)")
        }
    }
}
