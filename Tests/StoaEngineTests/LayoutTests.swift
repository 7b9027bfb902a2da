import StoaBase
import StoaEngine
import StoaModel
import StoaStorage
import Testing

/// Sort columns and filters: they change what is read, never what is answered.
@Suite(.timeLimit(.minutes(2))) struct LayoutTests {
    /// Rows of a key of 40 values in no order, a distinct text and a number.
    static func columns(rowCount: Int) -> [ColumnBuilder] {
        var random = SeededRandom(seed: 11)
        var columns = [
            ColumnBuilder(name: "k", type: .string), ColumnBuilder(name: "id", type: .string),
            ColumnBuilder(name: "n", type: .int64),
        ]
        for row in 0..<rowCount {
            let word = random.next()
            if word % 31 == 0 {
                columns[0].appendNull()
            } else {
                columns[0].append(.string(Array("key-\(word % 40)".utf8)))
            }
            columns[1].append(.string(Array(id(row).utf8)))
            columns[2].append(integer: Int64(row))
        }
        return columns
    }

    static func id(_ row: Int) -> String {
        var random = SeededRandom(seed: UInt64(row) &* 77_777)
        return String(random.next(), radix: 16) + String(random.next(), radix: 16)
    }

    static func database(_ order: String) async throws -> TestDatabase {
        var limits = Limits.tiny
        limits.segmentRows = 16_384
        let test = try TestDatabase(limits: limits)
        try await test.run("CREATE TABLE t (k STRING, id STRING, n INT64) \(order)")
        let columns = columns(rowCount: 16_000)
        try await test.ingest("t", columns)
        await test.seal()
        return test
    }

    static func bytes(_ test: TestDatabase) async throws -> Int128 {
        let rows = try await test.rows(
            "SELECT sum(bytes) FROM system.blocks WHERE \"column\" = 'k'")
        guard case .decimal(let bytes, _)? = rows.first?.first else { return 0 }
        return bytes
    }

    @Test("a sorted table gives the same answers from fewer bytes and fewer blocks")
    func sorted() async throws {
        let plain = try await Self.database("")
        let sorted = try await Self.database("ORDER BY (k, n)")
        let queries = [
            "SELECT k, count(*), sum(n), min(id) FROM t GROUP BY k ORDER BY k",
            "SELECT n, id FROM t WHERE k = 'key-7' ORDER BY n",
            "SELECT count(*), max(n) FROM t WHERE k IS NULL",
            "SELECT count(*) FROM t WHERE k LIKE 'key-3%' AND n > 500",
        ]
        for query in queries {
            #expect(try await plain.rows(query) == sorted.rows(query), "\(query)")
        }
        #expect(try await Self.bytes(sorted) * 2 < Self.bytes(plain))
        let point = "SELECT sum(n) FROM t WHERE k = 'key-7'"
        #expect(try await plain.query(point).summary.blocksScanned == 16)
        #expect(try await sorted.query(point).summary.blocksScanned <= 2)
        #expect(
            try await sorted.rows("SELECT sorted_by FROM system.segments")
                == [[.string(Array("k, n".utf8))]])
        // Behind each other in the segment stand the rows of a key, in the order of `n`.
        let first = try await sorted.rows("SELECT k, n FROM t LIMIT 2")
        #expect(first[0][0] == .string(Array("key-0".utf8)) && first[1][0] == first[0][0])
    }

    @Test("a distinct text that is looked up is read in few blocks, an absent one in fewer")
    func filters() async throws {
        let test = try await Self.database("")
        for row in [0, 1_023, 1_024, 9_999, 15_999] {
            let found = try await test.query("SELECT n FROM t WHERE id = '\(Self.id(row))'")
            #expect(found.rows == [[.integer(Int128(row))]])
            #expect(found.summary.blocksScanned <= 6)
        }
        let list = [3, 77, 12_000].map { "'\(Self.id($0))'" }.joined(separator: ", ")
        let many = try await test.query("SELECT n FROM t WHERE id IN (\(list), 'x') ORDER BY n")
        #expect(many.rows == [[.integer(3)], [.integer(77)], [.integer(12_000)]])
        #expect(many.summary.blocksScanned < 12)
        let absent = try await test.query("SELECT n FROM t WHERE id = '\(Self.id(20_000))'")
        #expect(absent.rows == [] && absent.summary.blocksScanned <= 5)
        #expect(
            try await test.rows(
                "SELECT count(*) FROM system.blocks WHERE filter_bytes > 0 AND \"column\" = 'id'")
                == [[.integer(16)]])
        let other = try await test.query(
            "SELECT count(*) FROM t WHERE id <> '\(Self.id(0))' AND n < 100")
        #expect(other.rows == [[.integer(99)]])
    }

    /// Version 4 of a random identifier, as text.
    private static func uuid(_ random: inout SeededRandom) -> String {
        let digits = Array(String(repeating: "0", count: 32).utf8).indices.map { place in
            switch place {
            case 12: "4"
            case 16: ["8", "9", "a", "b"][Int(random.next() % 4)]
            default: String(random.next() % 16, radix: 16)
            }
        }
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { digits[$0].joined() }.joined(separator: "-")
    }

    @Test("an identifier among 153 blocks is looked for in three of them at most, on average")
    func identifiers() async throws {
        var limits = Limits.tiny
        limits.segmentRows = 16_384
        let test = try TestDatabase(limits: limits)
        try await test.run("CREATE TABLE t (n INT64, id STRING)")
        var random = SeededRandom(seed: 4)
        var ids: [String] = []
        for part in 0..<9 {
            var columns = [
                ColumnBuilder(name: "n", type: .int64), ColumnBuilder(name: "id", type: .string),
            ]
            for row in 0..<17 * 1_024 {
                let id = Self.uuid(&random)
                ids.append(id)
                columns[0].append(integer: Int64(part * 17 * 1_024 + row))
                columns[1].append(.string(Array(id.utf8)))
            }
            try await test.ingest("t", columns)
        }
        await test.seal()
        #expect(
            try await test.rows(
                "SELECT count(*) FROM system.blocks WHERE filter_bytes > 0 AND \"column\" = 'id'")
                == [[.integer(153)]])
        var (found, absent) = (0, 0)
        for lookup in 0..<60 {
            let row = lookup * 2_609 % ids.count
            let present = try await test.query("SELECT n FROM t WHERE id = '\(ids[row])'")
            #expect(present.rows == [[.integer(Int128(row))]])
            found += present.summary.blocksScanned
            let missing = try await test.query(
                "SELECT n FROM t WHERE id = '\(Self.uuid(&random))'")
            #expect(missing.rows == [])
            absent += missing.summary.blocksScanned
        }
        #expect((60...150).contains(found))
        #expect(absent <= 90)
    }
}
