package import StoaBase
package import StoaDisk
package import StoaModel
package import StoaStorage

/// The whole database of one data directory: SQL in, batches out.
///
/// Nothing here blocks the caller: queries run on worker threads of the database's own, ingest is
/// handed to the store's writer, and bulk loads share a few threads. Only what reads no block, like
/// `count(*)` of a table, is answered on the caller's thread. Callbacks must not block either.
package final class Database: Sendable {
    /// The tables and their log; for `stoad`'s shutdown and for tests.
    package let store: Store
    let options: DatabaseOptions
    /// How the memory of the process is divided; the server's shares are for its server.
    package let memory: ProcessMemory
    /// Queries' part of the process's memory.
    var budget: MemoryBudget { memory.queries }
    let pool: WorkerPool
    /// Where bulk loads are done, however many there are.
    private let loadThreads: ThreadPool
    let scratchPool = ScratchPool()
    let spillFiles: SpillFiles
    let queries = QueryRegistry()
    let statementEvents: StatementEvents
    let startNanoseconds = HostClock.monotonicNanoseconds()

    /// What rows hold that are in no segment.
    var ingestBudget: MemoryBudget { memory.ingest }

    private init(
        store: Store, spillFiles: SpillFiles, options: DatabaseOptions,
        memory: ProcessMemory
    ) {
        self.store = store
        self.spillFiles = spillFiles
        self.options = options
        statementEvents = StatementEvents(options)
        self.memory = memory
        loadThreads = ThreadPool(
            name: "stoa-load", threadCount: min(8, max(2, options.workerCount)))
        pool = WorkerPool(
            workerCount: max(1, options.workerCount),
            admission: AdmissionQueue(
                runningLimit: max(1, options.concurrentQueryLimit),
                waitingLimit: options.queuedQueryLimit),
            memory: memory.queries,
            didRest: { [scratchPool] in scratchPool.trim() })
    }

    /// Opens the database in `disk`'s directory and recovers it, on the caller's thread.
    package static func open(
        on disk: any Disk, options: DatabaseOptions
    ) throws(StorageError) -> Database {
        let memory = ProcessMemory(byteCountLimit: options.memoryByteCountLimit)
        var storage = options.storage
        storage.memory = memory.ingest
        storage.loadMemory = memory.loads
        let store = try Store.open(on: disk, options: storage)
        return Database(
            store: store, spillFiles: SpillFiles(disk), options: options,
            memory: memory)
    }

    /// Bytes that queries hold now.
    package var reservedByteCount: Int {
        memory.queries.reservedByteCount + memory.small.reservedByteCount
    }

    /// Whether queries or loads wait for what others hold.
    package var isCrowded: Bool { pool.hasWaiting || store.hasWaitingLoad }

    /// Runs one statement of SQL.
    ///
    /// - Parameter text: UTF-8, one statement with an optional `;` behind it.
    /// - Returns: At once; the answer, or the error with its position in the text, goes to `sink`,
    ///   before the return when no block has to be read.
    @discardableResult
    package func query(
        _ text: [UInt8], options: QueryOptions, sink: ResultSink
    ) -> QueryHandle {
        let pool = self.pool
        let control = QueryControl(initialCredit: options.initialCredit) { pool.wake() }
        let record = queries.begin(text, client: options.session?.client, control: control)
        let (queries, events) = (self.queries, statementEvents)
        let observed = ResultSink(onBatch: sink.onBatch) { result in
            queries.end(record, result)
            events.didEnd(record, result)
            sink.onEnd(result)
        }
        let job = StatementJob(
            StatementJob.Request(
                text: text, options: options.inSession, sink: observed, record: record),
            database: self, control: control)
        if pool.isOpen, job.answersAtOnce() { return QueryHandle(control) }
        if !pool.submit(job) { job.refuse() }
        return QueryHandle(control)
    }

    /// Adds a batch to a table; `completion` comes when its rows are durable and visible, or with
    /// the reason why they are not stored.
    package func ingest(
        table name: String, batch: RowBatch, origin: BatchOrigin,
        completion: @escaping @Sendable (Result<IngestReceipt, ServiceError>) -> Void
    ) {
        let finish: @Sendable (Result<IngestReceipt, ServiceError>) -> Void = { [self] result in
            if case .failure(let error) = result { didFail(error, request: "ingest") }
            completion(result)
        }
        guard let table = store.snapshot().catalog.table(named: name) else {
            return finish(
                .failure(
                    ServiceError(
                        .unknownTable, "There is no table \(name).")))
        }
        store.append(batch, to: table.id, origin: origin) { result in
            finish(result.map { IngestReceipt($0) }.mapError { $0.serviceError })
        }
    }

    /// Counts the error that a request other than a statement ended with, in `system.errors`.
    package func didFail(_ error: ServiceError, request: String) {
        queries.count(error)
        statementEvents.report(error, of: request)
    }

    /// The error that a batch would end with now; nil when it would be stored.
    package var writeRefusal: ServiceError? { store.writeRefusal?.serviceError }

    /// Begins a bulk load into a table, or one that makes its table when it is committed.
    ///
    /// - Parameter label: Refused when a load of the same label was committed to the table before.
    package func openBulk(
        _ target: BulkLoadTarget, label: String?
    ) throws(ServiceError) -> BulkLoadHandle {
        let storeTarget: BulkTarget
        switch target {
        case .existing(let name):
            guard let table = store.snapshot().catalog.table(named: name) else {
                throw ServiceError(.unknownTable, "There is no table \(name).")
            }
            storeTarget = .existing(table.id)
        case .create(let draft): storeTarget = .create(draft)
        }
        do {
            return BulkLoadHandle(
                try store.openBulk(storeTarget, label: label), on: loadThreads)
        } catch {
            throw error.serviceError
        }
    }

    /// Stops taking queries and ends the running ones and those that wait with SHUTTING_DOWN.
    /// Waits for their last answers.
    package func endQueries() { pool.close() }

    /// Stops taking queries, ends the running ones with SHUTTING_DOWN, and closes the store.
    /// Waits for all of it; call once, not from a callback.
    ///
    /// - Returns: What kept the store from an orderly end.
    @discardableResult
    package func close() -> ServiceError? {
        pool.close()
        let failure = store.close()
        loadThreads.close()
        return failure?.serviceError
    }
}

/// Where a bulk load goes.
package enum BulkLoadTarget: Sendable {
    /// A table by its name.
    case existing(String)
    /// A table that appears together with its rows.
    case create(TableDraft)
}
