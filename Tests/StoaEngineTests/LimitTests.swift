import StoaBase
import StoaEngine
import StoaModel
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct LimitTests {
    private func filled(_ rowCount: Int = 12_000) async throws -> TestDatabase {
        let test = try TestDatabase()
        try await SampleTable.fill(test, rowCount: rowCount, sealedCount: rowCount / 2, seed: 3)
        return test
    }

    @Test("a query over its memory limit ends with MEMORY_LIMIT and gives everything back")
    func memory() async throws {
        let test = try await filled()
        var options = QueryOptions()
        options.memoryByteCountLimit = 3 << 20
        let sql = "SELECT w, s, i, count(*), min(w) FROM t GROUP BY w, s, i"
        #expect(await test.error(sql, options: options)?.code == .memoryLimit)
        // Sorting writes rows to a file, but even reading them takes more than so little.
        let sort = "SELECT * FROM t ORDER BY w, s, i"
        options.memoryByteCountLimit = 1 << 20
        #expect(await test.error(sort, options: options)?.code == .memoryLimit)
        #expect(await test.error(sort) == nil)
        #expect(await test.error(sql) == nil)
    }

    @Test("a query over its time ends with TIMEOUT")
    func timeout() async throws {
        let test = try await filled()
        var options = QueryOptions()
        options.timeoutSeconds = 0.000_001
        #expect(await test.error("SELECT w FROM t", options: options)?.code == .timeout)
    }

    @Test("a client that reads slowly stops the scan, and gets all rows in order in the end")
    func credit() async throws {
        let test = try await filled()
        let whole = try await test.rows("SELECT * FROM t")
        var options = QueryOptions()
        options.initialCredit = 1
        let slow = try await test.query("SELECT * FROM t", options: options)
        #expect(slow.rows == whole)
        #expect(slow.batchCount > 1)
        let sorted = try await test.query("SELECT i FROM t ORDER BY i", options: options)
        #expect(sorted.rows.count == whole.count)
    }

    @Test("a query without credit sends nothing more, and cancelling ends it")
    func cancel() async throws {
        let test = try await filled()
        let collected = Collected()
        var options = QueryOptions()
        options.initialCredit = 1
        typealias Ended = Result<TestDatabase.Answer, any Error>
        let result: Ended = await withCheckedContinuation { waiting in
            let first = FirstBatch()
            let handle = test.database.query(
                Array("SELECT * FROM t".utf8), options: options,
                sink: ResultSink(
                    onBatch: { bytes in
                        collected.add(bytes)
                        first.came()
                    }, onEnd: { waiting.resume(returning: collected.finish($0)) }))
            first.then { handle.cancel() }
        }
        guard case .failure(let error) = result else {
            Issue.record("a cancelled query does not succeed")
            return
        }
        #expect((error as? ServiceError)?.code == .cancelled)
    }

    /// Runs an action once both it and the first batch are there.
    private final class FirstBatch: @unchecked Sendable {
        // SAFETY: the fields are touched only while `lock` is held.
        private let lock = Lock()
        private var hasCome = false
        private var action: (@Sendable () -> Void)?

        func came() {
            let action = lock.withLock { () -> (@Sendable () -> Void)? in
                hasCome = true
                return self.action
            }
            action?()
        }

        func then(_ action: @escaping @Sendable () -> Void) {
            let isNow = lock.withLock { () -> Bool in
                self.action = action
                return hasCome
            }
            if isNow { action() }
        }
    }

    @Test("blocks that statistics rule out are not read, and counts read none")
    func pruning() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE p (k INT64, v INT64)")
        for part in 0..<8 {
            var k = ColumnBuilder(name: "k", type: .int64)
            var v = ColumnBuilder(name: "v", type: .int64)
            for row in 0..<1_024 {
                k.append(integer: Int64(part * 1_024 + row))
                v.append(integer: Int64(row))
            }
            try await test.ingest("p", [k, v])
        }
        await test.seal()
        let one = try await test.query("SELECT sum(v) FROM p WHERE k = 3000")
        #expect(one.rows == [[.decimal(unscaled: 952, scale: 0)]])
        #expect(one.summary.blocksScanned == 1)
        #expect(one.summary.blocksSkipped == 7)
        let all = try await test.query("SELECT count(*), sum(v), min(k), max(k), avg(v) FROM p")
        #expect(all.rows[0][1] == .decimal(unscaled: 8 * 1_023 * 512, scale: 0))
        #expect(all.rows[0][3] == .integer(8_191))
        #expect(all.summary.blocksScanned == 0)
        #expect(all.summary.bytesRead == 0)
    }

    @Test("a range of rising values finds the rows of its blocks, sealed and fresh")
    func risingBlocks() async throws {
        let test = try TestDatabase()
        try await test.run("CREATE TABLE p (k INT64, j INT64, v INT64)")
        for part in 0..<13 {
            var columns = ["k", "j", "v"].map { ColumnBuilder(name: $0, type: .int64) }
            for row in part * 1_024..<(part + 1) * 1_024 {
                columns[0].append(integer: Int64(row / 700))
                // Falls once, in a block of its own.
                columns[1].append(integer: Int64(part == 5 ? 0 : row))
                columns[2].append(integer: Int64(row))
            }
            try await test.ingest("p", columns)
            // The last rows stay in memory.
            if part == 11 { await test.seal() }
        }
        let count = 13 * 1_024
        for (low, high) in [(0, 0), (3, 4), (7, 9), (16, 18), (17, 17), (19, 20), (5, 4), (30, 40)]
        {
            for (column, divisor) in [("k", 700), ("j", 1)] {
                let (first, last) = (low * 700 / divisor, (high * 700 + 699) / divisor)
                let expected = (0..<count).filter { row in
                    let value = column == "j" && row / 1_024 == 5 ? 0 : row / divisor
                    return value >= first && value <= last
                }
                let rows = try await test.rows(
                    "SELECT v FROM p WHERE \(column) BETWEEN \(first) AND \(last)")
                #expect(rows == expected.map { [.integer(Int128($0))] }, "\(column) from \(first)")
            }
        }
        let open = try await test.rows("SELECT count(*), min(v) FROM p WHERE k > 11 AND k >= 3")
        #expect(open == [[.integer(Int128(count - 8_400)), .integer(8_400)]])
        let first = try await test.query("SELECT first(v), last(v) FROM p WHERE k >= 2 AND k < 4")
        #expect(first.rows == [[.integer(1_400), .integer(2_799)]])
        #expect(first.summary.blocksScanned == 3)
        #expect(first.summary.blocksSkipped == 10)
    }

    @Test("closing ends what runs with SHUTTING_DOWN and refuses what comes")
    func closing() async throws {
        let test = try await filled(2_000)
        var options = QueryOptions()
        options.initialCredit = 0
        let collected = Collected()
        typealias Ended = Result<TestDatabase.Answer, any Error>
        let ended: Ended = await withCheckedContinuation { waiting in
            _ = test.database.query(
                Array("SELECT * FROM t".utf8), options: options,
                sink: ResultSink(
                    onBatch: { collected.add($0) },
                    onEnd: { waiting.resume(returning: collected.finish($0)) }))
            Thread(name: "closer") { test.database.close() }.detach()
        }
        #expect(throws: ServiceError.self) { try ended.get() }
    }
}
