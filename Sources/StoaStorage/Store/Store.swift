internal import StoaBase
package import StoaDisk
package import StoaModel

/// The front door of storage: open, append, change tables, load, read, close.
///
/// Calls return at once; completions come on a thread of the store and must not block it. What a
/// completion acknowledges is durable and visible. Close a store before letting go of it.
package final class Store: Sendable {
    private let threads: StoreThreads
    private let options: StoreOptions
    private let loadPlaces = LoadPlaces(threadCount: 2)
    /// What opening found.
    package let report: OpenReport
    private let scrubber: Scrubber?

    private init(threads: StoreThreads, options: StoreOptions, report: OpenReport) {
        self.threads = threads
        self.options = options
        self.report = report
        scrubber =
            options.scrubSeconds > 0
            ? Scrubber(periodSeconds: options.scrubSeconds) { threads.snapshot } : nil
    }

    /// Opens the database of a directory, or makes one in an empty directory.
    ///
    /// - Throws: why not; whatever is refused is left untouched.
    package static func open(
        on disk: any Disk, options: StoreOptions
    ) throws(StorageError) -> Store {
        options.limits.checkInvariants()
        let (files, state) = try Recovery.open(disk, options: options)
        let threads = StoreThreads(files: files, state: state, options: options)
        return Store(threads: threads, options: options, report: state.report)
    }

    /// Whether a bulk load waits for memory that others hold.
    package var hasWaitingLoad: Bool { loadPlaces.isShortOfMemory }

    /// All tables at this moment; rows of every batch that was acknowledged are in it.
    package func snapshot() -> Snapshot { threads.snapshot }

    /// Stores a batch. Exactly once, when `origin` names a producer.
    package func append(
        _ batch: RowBatch, to table: TableID, origin: BatchOrigin,
        completion: @escaping AppendCompletion
    ) {
        post(
            .batch(
                BatchRequest(
                    tableID: table, batch: batch, origin: origin, completion: completion)))
    }

    /// Makes a table, after every batch that was appended before.
    package func createTable(_ draft: TableDraft, completion: @escaping ChangeCompletion) {
        post(.change(.create(draft), completion))
    }

    /// Removes a table and its rows; queries that hold a snapshot go on.
    package func dropTable(_ id: TableID, completion: @escaping ChangeCompletion) {
        post(.change(.drop(id), completion))
    }

    /// Gives a table another name.
    package func renameTable(
        _ id: TableID, to name: String, completion: @escaping ChangeCompletion
    ) {
        post(.change(.rename(id, to: name), completion))
    }

    /// Changes a table's columns, or takes all its rows away, after every batch that was appended
    /// before. Queries that hold a snapshot go on with what it shows.
    package func change(_ change: TableChange, completion: @escaping ChangeCompletion) {
        post(.change(change, completion))
    }

    /// Makes segments of all rows that are in none.
    package func sealAll(completion: @escaping @Sendable (StorageError?) -> Void) {
        post(.sealAll(completion))
    }

    /// Begins a load that becomes visible whole or not at all. Waits for the writer when there is
    /// a label.
    ///
    /// - Throws: `unknownTable`, `tableExists`, `duplicateLabel`, or what is wrong with a draft.
    package func openBulk(
        _ target: BulkTarget, label: String?
    ) throws(StorageError) -> BulkLoad {
        if let label, !(1...256).contains(label.utf8.count) { throw .badName(label) }
        let snapshot = snapshot()
        switch target {
        case .existing(let id):
            guard let table = snapshot.table(id) else { throw .unknownTable("\(id)") }
            return try makeLoad(table.definition, label: label)
        case .create(let draft):
            if let table = snapshot.catalog.table(named: draft.name) {
                guard draft.ifNotExists else { throw .tableExists(draft.name) }
                return try makeLoad(table, label: label)
            }
            let definition = try draft.definition(id: threads.ids.takeTableID())
            return makeLoad(definition, isNew: true, label: label)
        }
    }

    /// A load into a table that is there, unless its label was used.
    private func makeLoad(
        _ definition: TableDefinition, label: String?
    ) throws(StorageError) -> BulkLoad {
        if let label {
            let waiter = Waiter<Bool>()
            post(.findLabel(definition.id, label) { waiter.fulfil($0) })
            if waiter.wait() { throw .duplicateLabel(label) }
        }
        return makeLoad(definition, isNew: false, label: label)
    }

    private func makeLoad(_ definition: TableDefinition, isNew: Bool, label: String?) -> BulkLoad {
        let ids = threads.ids
        var building = BulkBuilder.Options(limits: options.limits)
        building.places = loadPlaces
        building.memory = options.loadMemory ?? options.memory
        let builder = BulkBuilder(
            definition: definition, disk: threads.files.disk, options: building,
            nextSegmentID: { ids.takeSegmentIDs(1) })
        return BulkLoad(
            store: self, builder: builder, definition: definition, isNew: isNew, label: label)
    }

    /// Replaces the damaged segments of a table by what can be read of them.
    ///
    /// Reads the table whole; the completion comes on a thread of its own.
    package func dropDamagedRows(
        _ id: TableID, completion: @escaping @Sendable (Result<DamageRemoval, StorageError>) -> Void
    ) {
        let ids = threads.ids
        let (snapshot, disk) = (snapshot(), threads.files.disk)
        let options = options
        let salvage = Thread(name: "stoa-salvage") {
            do throws(StorageError) {
                guard let table = snapshot.tables[id] else { throw .unknownTable("\(id)") }
                var removal = DamageRemoval(table, disk: disk, options: options)
                try removal.prepare { ids.takeSegmentIDs(1) }
                guard !removal.replacements.isEmpty else { return completion(.success(removal)) }
                let done = removal
                self.post(
                    .change(.replace(id, done.replacements)) { result in
                        if case .success = result { options.report(done, table.definition) }
                        completion(result.map { _ in done })
                    })
            } catch {
                completion(.failure(error))
            }
        }
        salvage.detach()
    }

    /// Opens finished segments and has them listed.
    func commitLoad(
        _ descriptors: [SegmentDescriptor], of load: BulkLoad
    ) throws(StorageError) -> ChangeReceipt {
        var segments: [Segment] = []
        do throws(StorageError) {
            for descriptor in descriptors {
                segments.append(
                    try Segment.open(
                        descriptor, definition: load.definition, disk: threads.files.disk,
                        policy: options.verification))
            }
        } catch {
            threads.files.remove(descriptors.map(\.path))
            throw error
        }
        let change = LoadChange(
            newTable: load.isNew ? load.definition : nil, tableID: load.definition.id,
            segments: segments, label: load.label)
        let waiter = Waiter<Result<ChangeReceipt, StorageError>>()
        post(.change(.load(change)) { waiter.fulfil($0) })
        return try waiter.wait().get()
    }

    /// Finishes what was taken in, writes the marker of an orderly end and lets go of the
    /// directory. Waits for it; a second call does nothing.
    ///
    /// - Returns: What kept it from an orderly end; the next start then reads the log.
    @discardableResult
    package func close() -> StorageError? {
        scrubber?.end()
        let waiter = Waiter<StorageError?>()
        let isTaken = threads.post(.close { waiter.fulfil($0) })
        threads.join()
        return isTaken ? waiter.wait() : nil
    }

    /// Why a batch would be refused now, were it sent; nil when it would be stored.
    package var writeRefusal: StorageError? { threads.observer.writeRefusal }

    /// What was done since the store was opened.
    package var counts: StoreCounts { threads.observer.counts }

    private func post(_ event: StoreEvent) {
        if !threads.post(event) { StoreThreads.refuse(event) }
    }
}

/// Where a bulk load goes.
package enum BulkTarget: Sendable {
    case existing(TableID)
    /// A table that appears together with its rows.
    case create(TableDraft)
}

/// A value that another thread provides.
final class Waiter<Value: Sendable>: @unchecked Sendable {
    // SAFETY: `value` is touched only while `lock` is held.
    private let lock = Lock()
    private let isThere: Condition
    private var value: Value?

    init() { isThere = Condition(guardedBy: lock) }

    func fulfil(_ value: Value) {
        lock.withLock { self.value = value }
        isThere.signal()
    }

    func wait() -> Value {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let value { return value }
            isThere.wait()
        }
    }
}
