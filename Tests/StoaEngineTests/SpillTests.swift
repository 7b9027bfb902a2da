import StoaBase
import StoaEngine
import StoaModel
import StoaTestKit
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct SpillTests {
    private func filled(
        _ rowCount: Int = 400_000, runCountLimit: Int = 1_024
    ) async throws -> TestDatabase {
        var limits = GroupLimits()
        limits.runCountLimit = runCountLimit
        limits.sampleGroupCount = 1_000
        limits.partitionBits = 5
        let test = try TestDatabase(memory: 520 << 20, groupLimits: limits)
        try await test.run("CREATE TABLE k (k INT64, v INT32, name STRING, part INT8)")
        var next = 0
        while next < rowCount {
            var k = ColumnBuilder(name: "k", type: .int64)
            var v = ColumnBuilder(name: "v", type: .int32)
            var name = ColumnBuilder(name: "name", type: .string)
            var part = ColumnBuilder(name: "part", type: .int8)
            for index in next..<min(rowCount, next + 10_000) {
                // Every key comes twice; its bits are spread over 64.
                k.append(integer: Int64(index / 2) &* 0x1E37_79B9_7F4A_7C15)
                v.append(integer: Int64(index % 1_000))
                name.append(.string(Array("name of \(index / 2) here".utf8)))
                if index % 11 == 0 { part.appendNull() } else { part.append(integer: 7) }
            }
            try await test.ingest("k", [k, v, name, part])
            next += 10_000
        }
        return test
    }

    private func options(_ byteCount: Int) -> QueryOptions {
        var options = QueryOptions()
        options.memoryByteCountLimit = byteCount
        return options
    }

    /// Whether queries that ended gave all memory back; a worker may still be about to.
    private static func isReleased(_ test: TestDatabase) async -> Bool {
        for _ in 0..<2_000 where test.database.reservedByteCount > 0 {
            try? await Task.sleep(for: .milliseconds(1))
        }
        return test.database.reservedByteCount == 0
    }

    static let heavy =
        "SELECT k, count(*), sum(v) AS x, max(name) FROM k GROUP BY k ORDER BY x DESC, k LIMIT 20"
    static let strings =
        "SELECT name, count(*), sum(v) AS x FROM k GROUP BY name ORDER BY x DESC, name LIMIT 20"
    static let allGroups = "SELECT k, count(*), sum(v), max(name) FROM k GROUP BY k"
    static let allRows = "SELECT name, v, k FROM k ORDER BY part, name DESC, v"

    /// What a limit of 20 MiB does not hold, whatever it comes in.
    private static let large = [
        heavy, strings, allGroups, allRows,
        "SELECT name, min(k), count(*) FROM k GROUP BY name",
        "SELECT part, k, sum(v) FROM k GROUP BY part, k",
        "SELECT k, name, sum(v) FROM k GROUP BY 1, 2 ORDER BY 3 DESC NULLS FIRST, 2",
        "SELECT name, sum(v) FROM k GROUP BY name HAVING sum(v) > 900",
        "SELECT v, k, name, part FROM k ORDER BY part NULLS FIRST, v DESC",
        "SELECT k, v FROM k ORDER BY v, name LIMIT 90000 OFFSET 100000",
        "SELECT CAST(v AS DECIMAL(30,4)) AS d, CAST(v AS FLOAT64) / 7 AS f FROM k "
            + "ORDER BY d DESC, f, name",
    ]

    @Test("what is larger than memory goes to a temporary file, which is gone in the end")
    func spilling() async throws {
        let test = try await filled()
        await test.seal()
        for sql in Self.large {
            let expected = try await test.rows(sql)
            let calls = test.disk.callCount
            let answer = try? await test.query(sql, options: options(20 << 20))
            // A difference would be too long to be told.
            let isSame = answer?.rows == expected
            #expect(isSame, "\(sql): \(answer?.rows.count ?? -1) rows of \(expected.count)")
            #expect(test.disk.callCount > calls, "\(sql)")
            #expect(await Self.isReleased(test))
            #expect(((try? test.disk.list("tmp")) ?? []).isEmpty)
        }
    }

    @Test(
        "groups of a large result come in the order of their keys, however many runs are merged",
        arguments: [2, 3, 1_024])
    func order(runCountLimit: Int) async throws {
        let test = try await filled(runCountLimit: runCountLimit)
        let rows = try await test.query(Self.allGroups, options: options(20 << 20)).rows
        #expect(rows.count == 200_000)
        let found = rows.compactMap { row -> Int128? in
            if case .integer(let key) = row[0] { key } else { nil }
        }
        let keys = (0..<200_000).map { Int128(Int64($0) &* 0x1E37_79B9_7F4A_7C15) }.sorted()
        let isSame = found == keys
        #expect(isSame)
        let isWhole = rows.allSatisfy { $0[1] == .integer(2) }
        #expect(isWhole)
    }

    @Test(
        "a temporary file that cannot be written fails the query, and leaves nothing",
        arguments: [SpillTests.heavy, SpillTests.allGroups, SpillTests.allRows])
    func failure(sql: String) async throws {
        let test = try await filled()
        // Sealing in the background would meet the failure instead.
        await test.seal()
        let options = self.options(20 << 20)
        var failureCount = 0
        var leftCount = 0
        for call in [1, 3, 6, 12, 33, 65, 100, 150, 200, 250, 300, 400, 500, 600] {
            test.disk.failOperation(test.disk.callCount + call, errno: 5)
            let error = await test.error(sql, options: options)
            test.disk.stopFailing()
            // The store's own calls count as well, and may be the ones that fail.
            #expect(error == nil || error?.code == .ioError)
            #expect(await Self.isReleased(test))
            let count = ((try? test.disk.list("tmp")) ?? []).count
            // The call that failed may have been the one that removes.
            #expect(error == nil || count == leftCount)
            if error != nil { failureCount += 1 }
            leftCount = count
        }
        // Calls that only look whether a segment's file was changed fail unseen.
        #expect(failureCount >= 1)
        #expect(await test.error(sql, options: options) == nil)
    }

    @Test(
        "cancelling while runs are merged ends the query",
        arguments: [SpillTests.allGroups, SpillTests.allRows])
    func cancelling(sql: String) async throws {
        let test = try await filled()
        await test.seal()
        var options = self.options(20 << 20)
        // One batch is sent, in the middle of merging; then the query waits for credit.
        options.initialCredit = 1
        let collected = Collected()
        let canceller = Canceller()
        typealias Ended = Result<TestDatabase.Answer, any Error>
        let result: Ended = await withCheckedContinuation { waiting in
            let handle = test.database.query(
                Array(sql.utf8), options: options,
                sink: ResultSink(
                    onBatch: { _ in canceller.batchCame() },
                    onEnd: { waiting.resume(returning: collected.finish($0)) }))
            canceller.set(handle)
        }
        guard case .failure(let error) = result else {
            Issue.record("a cancelled query does not succeed")
            return
        }
        #expect((error as? ServiceError)?.code == .cancelled)
        #expect(canceller.hasCome)
        #expect(await Self.isReleased(test))
        #expect(try test.disk.list("tmp").isEmpty)
    }
}

/// Cancels a query as soon as its first batch came.
private final class Canceller: @unchecked Sendable {
    // SAFETY: the fields are touched only while `lock` is held.
    private let lock = Lock()
    private var handle: QueryHandle?
    private var batchCount = 0

    var hasCome: Bool { lock.withLock { batchCount > 0 } }

    func set(_ handle: QueryHandle) {
        let isNow = lock.withLock { () -> Bool in
            self.handle = handle
            return batchCount > 0
        }
        if isNow { handle.cancel() }
    }

    func batchCame() {
        let handle = lock.withLock { () -> QueryHandle? in
            batchCount += 1
            return self.handle
        }
        handle?.cancel()
    }
}
