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

    private func fillKeys(_ test: TestDatabase, count: Int) async throws {
        try await test.run("CREATE TABLE k (k INT64, v INT32, name STRING)")
        var next = 0
        while next < count {
            var k = ColumnBuilder(name: "k", type: .int64)
            var v = ColumnBuilder(name: "v", type: .int32)
            var name = ColumnBuilder(name: "name", type: .string)
            for index in next..<min(count, next + 10_000) {
                // Every key comes twice; its bits are spread over 64.
                let key = Int64(index / 2) &* 0x1E37_79B9_7F4A_7C15
                k.append(integer: key)
                v.append(integer: Int64(index % 1_000))
                name.append(.string(Array("name of \(index / 2) here".utf8)))
            }
            try await test.ingest("k", [k, v, name])
            next += 10_000
        }
    }

    private static let heavy =
        "SELECT k, count(*), sum(v) AS x, max(name) FROM k GROUP BY k ORDER BY x DESC, k LIMIT 20"
    private static let strings =
        "SELECT name, count(*), sum(v) AS x FROM k GROUP BY name ORDER BY x DESC, name LIMIT 20"

    private func heavyLimits() -> GroupLimits {
        var limits = GroupLimits()
        limits.sampleGroupCount = 1_000
        limits.partitionBits = 5
        return limits
    }

    @Test("more groups than fit in memory go to a temporary file, which is gone in the end")
    func spilling() async throws {
        let test = try TestDatabase(memory: 256 << 20, groupLimits: heavyLimits())
        try await fillKeys(test, count: 400_000)
        var expected: [[[Literal]]] = []
        for sql in [Self.heavy, Self.strings] {
            expected.append(try await test.rows(sql))
            #expect(expected.last?.count == 20)
        }
        await test.seal()
        var options = QueryOptions()
        options.memoryByteCountLimit = 16 << 20
        for (sql, expected) in zip([Self.heavy, Self.strings], expected) {
            let calls = test.disk.callCount
            let answer = try await test.query(sql, options: options)
            #expect(answer.rows == expected)
            #expect(test.disk.callCount > calls)
            #expect(try test.disk.list("tmp").isEmpty)
            #expect(await Self.isReleased(test))
        }
    }

    /// Whether queries that ended gave all memory back; a worker may still be about to.
    private static func isReleased(_ test: TestDatabase) async -> Bool {
        for _ in 0..<2_000 where test.database.reservedByteCount > 0 {
            try? await Task.sleep(for: .milliseconds(1))
        }
        return test.database.reservedByteCount == 0
    }

    @Test("a temporary file that cannot be written fails the query, and leaves nothing")
    func spillFailure() async throws {
        let test = try TestDatabase(memory: 256 << 20, groupLimits: heavyLimits())
        try await fillKeys(test, count: 400_000)
        // Sealing in the background would meet the failure instead.
        await test.seal()
        var options = QueryOptions()
        options.memoryByteCountLimit = 16 << 20
        var failureCount = 0
        for call in 1...12 {
            test.disk.failOperation(test.disk.callCount + call, errno: 5)
            let error = await test.error(Self.heavy, options: options)
            test.disk.stopFailing()
            // The store's own calls count as well, and may be the ones that fail.
            #expect(error == nil || error?.code == .ioError)
            if error != nil { failureCount += 1 }
            #expect(((try? test.disk.list("tmp")) ?? []).isEmpty)
            #expect(await Self.isReleased(test))
        }
        #expect(failureCount >= 6)
        #expect(await test.error(Self.heavy, options: options) == nil)
    }
}
