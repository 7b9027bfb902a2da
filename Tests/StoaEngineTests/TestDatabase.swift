import StoaBase
import StoaEngine
import StoaModel
import StoaStorage
import StoaTestKit

/// A database on a simulated disk, with calls that wait for the answer.
final class TestDatabase: Sendable {
    let database: Database
    let disk = SimulatedDisk()

    /// A result, cell by cell.
    struct Answer: Equatable, Sendable {
        var names: [String] = []
        var types: [ColumnType] = []
        var rows: [[Literal]] = []
        var batchCount = 0
        var summary = QuerySummary()
    }

    init(
        workerCount: Int = 2, limits: Limits = .tiny, memory: Int = 1 << 30,
        groupLimits: GroupLimits = GroupLimits(),
        adjust: (inout DatabaseOptions) -> Void = { _ in }
    ) throws {
        var storage = StoreOptions()
        storage.limits = limits
        // Blocks and segments stay tiny; the log has room for the rows of a test.
        storage.limits.logFileBytes = max(limits.logFileBytes, 1 << 20)
        storage.limits.memtableLogBytes = max(limits.memtableLogBytes, 8 << 20)
        var options = DatabaseOptions(
            storage: storage, workerCount: workerCount, memoryByteCountLimit: memory,
            queryMemoryByteCountLimit: memory, queryTimeoutSeconds: 60)
        options.groupLimits = groupLimits
        adjust(&options)
        database = try Database.open(on: disk, options: options)
    }

    deinit { database.close() }

    /// Runs one statement to its end.
    func query(_ sql: String, options: QueryOptions = QueryOptions()) async throws -> Answer {
        let collected = Collected()
        return try await withCheckedThrowingContinuation { continuation in
            let handle = Collected.Handle()
            let sink = ResultSink(
                onBatch: { bytes in
                    collected.add(bytes)
                    handle.credit(bytes.count)
                },
                onEnd: { continuation.resume(with: collected.finish($0)) })
            handle.set(database.query(Array(sql.utf8), options: options, sink: sink))
        }
    }

    /// The rows of a statement.
    func rows(_ sql: String) async throws -> [[Literal]] { try await query(sql).rows }

    /// The error of a statement; nil when there is none.
    func error(_ sql: String, options: QueryOptions = QueryOptions()) async -> ServiceError? {
        do {
            _ = try await query(sql, options: options)
            return nil
        } catch {
            return error as? ServiceError
        }
    }

    /// Runs several statements.
    func run(_ statements: String...) async throws {
        for statement in statements { _ = try await query(statement) }
    }

    /// Adds rows as one batch.
    func ingest(_ table: String, _ columns: [ColumnBuilder]) async throws {
        let batch = try RowBatch.decode(Bytes(RowBatch.encode(columns)))
        while true {
            do {
                return try await ingest(table, batch)
            } catch let error as ServiceError where error.code == .overloaded {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func ingest(_ table: String, _ batch: RowBatch) async throws {
        _ = try await withCheckedThrowingContinuation { continuation in
            database.ingest(table: table, batch: batch, origin: .none) {
                continuation.resume(with: $0)
            }
        }
    }

    /// Makes segments of everything.
    func seal() async {
        await withCheckedContinuation { continuation in
            database.store.sealAll { _ in continuation.resume() }
        }
    }
}

/// What a sink has received.
final class Collected: @unchecked Sendable {
    // SAFETY: a sink's calls come one at a time; `finish` is the last.
    private var answer = TestDatabase.Answer()
    private var failure: (any Error)?

    /// The handle, which exists only after the query was started.
    final class Handle: @unchecked Sendable {
        // SAFETY: the fields are touched only while `lock` is held.
        private let lock = Lock()
        private var handle: QueryHandle?
        private var owed = 0

        func set(_ handle: QueryHandle) {
            lock.withLock {
                self.handle = handle
                if owed > 0 { handle.addCredit(owed) }
                owed = 0
            }
        }

        func credit(_ byteCount: Int) {
            lock.withLock {
                if let handle { handle.addCredit(byteCount) } else { owed += byteCount }
            }
        }
    }

    func add(_ bytes: [UInt8]) {
        do {
            let batch = try RowBatch.decode(Bytes(bytes))
            answer.batchCount += 1
            answer.names = batch.columns.map(\.name)
            answer.types = batch.columns.map(\.type)
            for row in 0..<batch.rowCount {
                answer.rows.append(batch.columns.map { $0.literal(row) })
            }
        } catch {
            failure = error
        }
    }

    func finish(
        _ result: Result<QuerySummary, ServiceError>
    ) -> Result<TestDatabase.Answer, any Error> {
        if let failure { return .failure(failure) }
        return result.mapError { $0 }.map { summary in
            answer.summary = summary
            return answer
        }
    }
}
