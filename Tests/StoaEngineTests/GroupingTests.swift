import StoaBase
import StoaEngine
import StoaModel
import StoaTestKit
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct GroupingTests {
    /// How groups are found; each has limits that make few rows take it.
    enum Way: String, CaseIterable {
        case slots, table, mergedByPartition, knownGroupsOnly, allAside
        /// The same with strings that are carried from the first, or from the middle on.
        case carriedTable, carriedMerged, carriedKnownOnly, carriedAside, carriedLate

        private var carries: Bool { rawValue.hasPrefix("carried") }

        var limits: GroupLimits {
            var limits = GroupLimits()
            guard self != .slots else { return limits }
            limits.slotCountLimit = 0
            if carries { limits.tokenCountLimit = self == .carriedLate ? 6_000 : 0 }
            guard self != .table, self != .carriedTable else { return limits }
            limits.smallGroupCount = 0
            guard self != .mergedByPartition, self != .carriedMerged else { return limits }
            limits.tableGroupCount = 12
            limits.partitionBits = 3
            let isAside = self == .allAside || self == .carriedAside
            limits.tableRowsPerGroup = isAside ? 1 << 40 : 0
            return limits
        }
    }

    /// Keys of every kind, alone and together.
    static let keys: [(sql: String, count: Int)] = [
        ("s", 1), ("b", 1), ("n", 1), ("i", 1), ("u", 1), ("d", 1), ("f", 1), ("g", 1), ("w", 1),
        ("day", 1), ("ts", 1), ("s, b", 2), ("b, n, s", 3), ("i, w", 2), ("u, d", 2),
        ("date_trunc('day', ts)", 1), ("date_trunc('month', day)", 1),
        ("date_trunc('hour', ts), b", 2), ("date_trunc('week', day), s", 2),
        ("extract(month FROM day)", 1), ("i * 3", 1), ("d * d, s", 2),
        ("CAST(i AS STRING)", 1), ("date_trunc('quarter', ts)", 1),
        ("concat(w, ' in full')", 1), ("concat(s, ' of ', w, s)", 1),
        ("concat(w, ' and ', s), s, i", 3), ("concat('row of ', 100000 + i)", 1),
    ]

    private struct Totals: Equatable {
        var rows: Int128 = 0
        var values: Int128 = 0
        var sum: Int128 = 0
        var low: Int128?
        var text: [UInt8]?
    }

    private func reference(_ rows: [[Literal]], keyCount: Int) -> [[Literal]: Totals] {
        var groups: [[Literal]: Totals] = [:]
        for row in rows {
            var group = groups[Array(row[0..<keyCount])] ?? Totals()
            group.rows += 1
            if case .integer(let u) = row[keyCount] {
                group.values += 1
                group.sum += u
            }
            if case .integer(let i) = row[keyCount + 1] { group.low = min(group.low ?? i, i) }
            if case .string(let w) = row[keyCount + 2] {
                let isGreater = group.text.map { $0.lexicographicallyPrecedes(w) } ?? true
                if isGreater { group.text = w }
            }
            groups[Array(row[0..<keyCount])] = group
        }
        return groups
    }

    @Test("every way of grouping agrees with a slow loop over all rows", arguments: Way.allCases)
    func ways(way: Way) async throws {
        let test = try TestDatabase(workerCount: 3, groupLimits: way.limits)
        try await SampleTable.fill(test, rowCount: 7_000, sealedCount: 4_000, seed: 19)
        for (key, count) in Self.keys {
            let rows = try await test.rows("SELECT \(key), u, i, w FROM t WHERE n <> 5")
            let expected = reference(rows, keyCount: count)
            let positions = (1...count).map { "\($0)" }.joined(separator: ", ")
            let found = try await test.rows(
                "SELECT \(key), count(*), count(u), sum(u), min(i), max(w) FROM t "
                    + "WHERE n <> 5 GROUP BY \(positions)")
            #expect(found.count == expected.count, "\(key)")
            for row in found {
                let group = try #require(expected[Array(row[0..<count])], "\(key)")
                #expect(row[count] == .integer(group.rows), "\(key)")
                #expect(row[count + 1] == .integer(group.values), "\(key)")
                #expect(
                    row[count + 2]
                        == (group.values > 0 ? .decimal(unscaled: group.sum, scale: 0) : .null),
                    "\(key)")
                #expect(row[count + 3] == (group.low.map { .integer($0) } ?? .null), "\(key)")
                #expect(row[count + 4] == (group.text.map { .string($0) } ?? .null), "\(key)")
            }
        }
    }

    @Test("groups stand in the order of their keys, NULL last, whichever way they are found")
    func order() async throws {
        var expected: [[[Literal]]] = []
        for (round, way) in Way.allCases.enumerated() {
            let test = try TestDatabase(workerCount: round % 4 + 1, groupLimits: way.limits)
            try await SampleTable.fill(
                test, rowCount: 5_000, sealedCount: round * 1_500, seed: 23)
            for (index, (key, count)) in Self.keys.enumerated() {
                let positions = (1...count).map { "\($0)" }.joined(separator: ", ")
                let rows = try await test.rows(
                    "SELECT \(key), count(*), sum(i), avg(d), max(f), min(w) FROM t "
                        + "GROUP BY \(positions)")
                if round == 0 { expected.append(rows) }
                #expect(rows == expected[index], "\(key) by \(way)")
                let top = try await test.rows(
                    "SELECT \(key), sum(n) AS x FROM t GROUP BY \(positions) "
                        + "ORDER BY x DESC LIMIT 7")
                let all = try await test.rows(
                    "SELECT \(key), sum(n) AS x FROM t GROUP BY \(positions) ORDER BY x DESC")
                #expect(top == Array(all.prefix(7)), "\(key) by \(way)")
            }
        }
        let days = expected[9].compactMap { row -> Int32? in
            if case .date(let day) = row[0] { day } else { nil }
        }
        #expect(days == days.sorted())
        #expect(expected[9].last?[0] == .null)
    }

    /// Rows whose keys change every 2,500 rows or every fourth day, so that many blocks have one.
    private func fillRuns(_ test: TestDatabase) async throws {
        try await test.run(
            """
            CREATE TABLE r (at TIMESTAMP, k INT32, j INT32, v INT32, z INT32, m INT32, f FLOAT64,
            name STRING, h INT32, q INT32)
            """)
        let names = ["at", "k", "j", "v", "z", "m", "f", "name", "h", "q"]
        let types: [ColumnType] = [
            .timestamp, .int32, .int32, .int32, .int32, .int32, .float64, .string, .int32, .int32,
        ]
        var columns = zip(names, types).map { ColumnBuilder(name: $0, type: $1) }
        for row in 0..<9_000 {
            let minute = Int64(row) * 60_000_000
            columns[0].append(integer: 1_735_689_600_000_000 + minute)
            columns[1].append(integer: Int64(row / 2_500))
            columns[2].append(integer: Int64(row % 37))
            columns[3].append(integer: Int64(row % 11 + 1))
            // Of some keys all rows are 0, of others they cancel out.
            let sign: Int64 = row / 37 % 2 == 0 ? 5 : -5
            columns[4].append(integer: row % 37 % 5 == 0 ? 0 : sign)
            if row % 5 == 0 {
                columns[5].appendNull()
            } else {
                columns[5].append(integer: Int64(row % 7))
            }
            columns[6].append(float: Double(row % 13) / 4)
            Array("n\(row % 3)".utf8).withUnsafeBytes { columns[7].append(string: $0) }
            columns[8].append(integer: Int64(row / 300))
            // NULLs come late, when the first keys have no more rows.
            if row > 5_000, row % 3 == 0 {
                columns[9].appendNull()
            } else {
                columns[9].append(integer: Int64(row % 9 + 1))
            }
        }
        try await test.ingest("r", columns)
    }

    @Test("a block of one key counts as its rows do, and no group without a sum is lost")
    func runsOfKeys() async throws {
        let sealed = try TestDatabase()
        let fresh = try TestDatabase()
        try await fillRuns(sealed)
        try await fillRuns(fresh)
        await sealed.seal()
        let keys = [
            "k", "date_trunc('hour', at)", "date_trunc('day', at)", "date_trunc('month', at)",
            "date_trunc('day', at), k", "k, name", "j", "j // 5", "h", "name",
        ]
        let outputs = [
            "count(*), sum(v), avg(v), min(v), max(at)", "sum(v)", "sum(z)", "sum(v * 2)", "sum(q)",
            "sum(m), count(m), avg(m), max(m)", "sum(f), stddev(f), count(*)",
            "sum(v) FILTER (WHERE v > 10), sum(z)", "sum(v) FILTER (WHERE v > 100)",
            "count(DISTINCT name), max(name), sum(v)", "first(v), last(z)",
        ]
        for key in keys {
            for output in outputs {
                for filter in ["", "WHERE v > 0", "WHERE k <> 3 AND v < 9"] {
                    let positions = (1...key.split(separator: ",").count).map { "\($0)" }
                    // The name of a unit holds a comma too.
                    let last = key.contains("trunc") ? positions.count - 1 : positions.count
                    let sql =
                        "SELECT \(key), \(output) FROM r \(filter) GROUP BY "
                        + positions[..<last].joined(separator: ", ")
                    let found = try await sealed.rows(sql)
                    let expected = try await fresh.rows(sql)
                    #expect(!expected.isEmpty)
                    #expect(found == expected, "\(sql)")
                }
            }
        }
    }

    @Test("statistics answer a grouped block of one key")
    func blocksOfOneKey() async throws {
        let test = try TestDatabase()
        try await fillRuns(test)
        await test.seal()
        let expected = (0..<9).filter { block in
            block * 1_024 / 2_500 == min(block * 1_024 + 1_023, 8_999) / 2_500
        }
        #expect(expected.count > 1)
        let answer = try await test.query("SELECT k, count(*), sum(v), max(at) FROM r GROUP BY k")
        #expect(answer.summary.blocksScanned == UInt64(9 - expected.count))
        // What statistics do not know is read, without the keys.
        let mixed = try await test.query("SELECT k, count(*), avg(m), max(at) FROM r GROUP BY k")
        #expect(mixed.summary.blocksScanned == 9)
    }
}
