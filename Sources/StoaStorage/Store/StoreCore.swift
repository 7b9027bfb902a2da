internal import StoaBase
internal import StoaModel

/// Every ordering decision of log, seal, table changes and manifest, in one synchronous machine:
/// events in, actions out. It holds no file, clock, lock or thread, so the crash enumerator drives
/// the same code on one thread that the daemon drives on four.
///
/// What it keeps, whatever the order of events:
///
/// - A batch is acknowledged and visible only after its bytes were synced.
/// - A table change waits for every batch before it, and every batch behind it waits for it.
/// - One manifest is written at a time; what it says is taken as true only when it is durable.
/// - A memtable is sealed only when all its rows are durable; its log goes only after the
///   manifest that no longer needs it.
/// - After a failed sync nothing is acknowledged any more.
package final class StoreCore {
    /// Bytes of one group; a larger one would only make its first batch wait.
    static let groupByteCountLimit = 4 << 20
    /// Silence after which the durable LSN is written down.
    static let idleNanoseconds: Int64 = 100_000_000
    /// Wait before a seal is tried again.
    static let sealRetryNanoseconds: Int64 = 1_000_000_000
    /// Wait before the reserve file is made again.
    static let reserveNanoseconds: Int64 = 10_000_000_000
    /// Ingest is slowed down when the log is this many times longer than a memtable's share.
    static let backlogFactor = 2

    /// How far the life of the store is.
    package enum Phase: Equatable, Sendable {
        case running
        /// No new requests; what is there is finished.
        case closing
        /// A sync failed.
        case poisoned
        case closed
    }

    let limits: Limits
    let queuedByteCountLimit: Int
    let memory: MemoryBudget?
    package let ids: IDAllocator
    package internal(set) var phase = Phase.running
    var actions: [StoreAction] = []
    var now: StoreTime

    // Requests in the order of their arrival.
    var inbox: [Request] = []
    var inboxHead = 0
    /// Requests whose turn has come, ever.
    var takenCount = 0
    var queuedByteCount = 0

    // The log.
    var log: LogWriter
    var groupCommit = GroupCommit()
    var group: [InFlight] = []
    var inFlight: [InFlight] = []
    var isWriting = false
    var markerInGroup: LogRecordType?
    var liveFiles: [LiveLogFile]
    var fileSwitch = FileSwitch.none
    var preparation = Preparation.none
    /// Whether batches wait for the next file.
    var isWaitingForFile = false
    var markedLSN: UInt64
    var lastActivity: Int64
    var nextLSN: UInt64
    /// Bytes of log written in this life.
    var logPosition: UInt64 = 0
    var isBehind = false
    /// Whether a batch was refused for want of memory since the last pump.
    var isShortOfMemory = false

    // State.
    /// The manifest that is durable.
    package internal(set) var manifest: Manifest
    var committedChecksum: UInt32
    var isCloseMarked = false
    var isCloseCommitted = false
    package internal(set) var visibleLSN: UInt64
    var tables: [TableID: LiveTable]
    /// What snapshots share; rebuilt when a table changes, not when rows come.
    var tableStates: [TableID: TableState] = [:]
    var catalog = Catalog()
    /// Producers as of the last batch in the log, durable or not.
    var producers: ProducerTable
    /// Producers as of the last durable batch: what a manifest may say.
    var durableProducers: ProducerTable

    // The committer and the sealer.
    var commit: Commit?
    var seal: SealJob?
    var sealed: [SealedMemtable] = []
    var sealNotBefore: Int64 = 0
    var sealWaiters: [SealWaiter] = []
    var isReserveReleased = false
    var reserveNotBefore: Int64 = 0
    var closeWaiters: [@Sendable (StorageError?) -> Void] = []

    /// A request that waits for its turn.
    enum Request {
        case batch(BatchRequest)
        case change(TableChange, ChangeCompletion)
        case sealAll(@Sendable (StorageError?) -> Void)
    }

    /// A batch on its way to the disk.
    struct InFlight {
        var request: BatchRequest
        var admitted: AdmittedBatch?
        var lsn: UInt64
        var time: Int64
        /// Where its record ends; it is durable when the log is durable up to there.
        var end: UInt64
        /// What was known of its producer before it.
        var producerBefore: ProducerState?
        /// Bytes reserved for what its table's memtable grows by.
        var growthByteCount = 0

        var isDuplicate: Bool { admitted == nil }
    }

    enum FileSwitch: Equatable {
        case none
        /// The header is being written.
        case running(LogWrite)
        /// The disk was full; the same header is written when there is a batch to store.
        case refused(LogWrite)
    }

    /// The file after the current one.
    enum Preparation: Equatable { case none, running, ready }

    /// A manifest that is being made current, and what happens then.
    struct Commit {
        var manifest: Manifest
        var effect: CommitEffect
    }

    enum CommitEffect {
        case change(TableChange, ChangeCompletion, TableID)
        case sealed(SealedMemtable)
        /// The end of the log is written down.
        case close
    }

    /// Segments that wait for their manifest.
    struct SealedMemtable {
        var job: SealJob
        var segments: [Segment]
    }

    /// Somebody who waits until these memtables are segments.
    struct SealWaiter {
        var memtables: Set<ObjectIdentifier>
        var completion: @Sendable (StorageError?) -> Void
    }

    /// A core that goes on from what recovery found.
    package init(_ state: RecoveredState, options: StoreOptions, now: StoreTime) {
        limits = options.limits
        queuedByteCountLimit = options.queuedByteCountLimit
        memory = options.memory
        manifest = state.manifest
        committedChecksum = state.manifestChecksum
        visibleLSN = state.manifest.lsn
        nextLSN = state.manifest.lsn + 1
        ids = IDAllocator(
            nextTableID: state.manifest.nextTableID, nextSegmentID: state.manifest.nextSegmentID)
        log = state.log
        liveFiles = state.liveFiles
        markedLSN = state.log.chain.lsn
        lastActivity = now.monotonicNanoseconds
        self.now = now
        producers = state.manifest.producers
        durableProducers = state.manifest.producers
        tables = [:]
        invariant(!liveFiles.isEmpty, "there is a file to write to")
        for table in state.tables {
            tables[table.definition.id] = LiveTable(table, now: now.monotonicNanoseconds)
        }
        for (id, table) in tables { rebuild(id, table) }
        rebuildCatalog()
    }

    /// What queries see at the start.
    package var initialSnapshot: Snapshot { snapshot }

    /// Takes in what happened. Call `pump` after the last of the events at hand.
    package func handle(_ event: StoreEvent) {
        switch event {
        case .batch(let request): admit(request)
        case .change(let change, let completion): admit(change, completion)
        case .sealAll(let completion):
            if let refusal { return actions.append(.complete(completion, refusal)) }
            inbox.append(.sealAll(completion))
        case .close(let completion): beginClose(completion)
        case .findLabel(let id, let label, let answer):
            let index = manifest.tableIndex(id)
            let labels = index.map { manifest.tables[$0].labels } ?? []
            actions.append(.completeLabel(answer, labels.contains { $0.text == label }))
        case .didWriteLog(let outcome): didWriteLog(outcome)
        case .didSyncLog(let outcome): didSyncLog(outcome)
        case .didBeginLogFile(let outcome): didBeginLogFile(outcome)
        case .didPrepareLogFile(let outcome): didPrepareLogFile(outcome)
        case .didSeal(let job, let result): didSeal(job, result)
        case .didCommitManifest(let result): didCommit(result)
        case .tick(let time): now = time
        }
    }

    /// Decides what is done next.
    package func pump() {
        guard phase == .running || phase == .closing else { return }
        freezeAged()
        freezeForMemory()
        // Each of the two may let the other go on.
        var before = -1
        while before != takenCount, phase == .running || phase == .closing {
            before = takenCount
            pumpManifest()
            pumpLog()
        }
        pumpSeal()
        pumpMarker()
        pumpClose()
        checkBacklog()
        if isReserveReleased, now.monotonicNanoseconds >= reserveNotBefore {
            isReserveReleased = false
            actions.append(.restoreReserve)
        }
    }

    /// The actions decided since the last call, in order.
    package func takeActions() -> [StoreAction] {
        defer { actions = [] }
        return actions
    }

    /// When `pump` should be called again though nothing happened; nil: not before an event.
    package var nextWake: Int64? {
        guard phase == .running else { return nil }
        var times: [Int64] = []
        if log.chain.lsn > markedLSN, canMark { times.append(lastActivity + Self.idleNanoseconds) }
        if tables.values.contains(where: { !$0.frozen.isEmpty }), seal == nil {
            times.append(sealNotBefore)
        }
        for table in tables.values where table.active != nil {
            times.append(table.activeSince + Int64(limits.memtableSeconds) * 1_000_000_000)
        }
        if isReserveReleased { times.append(reserveNotBefore) }
        // What is due already waits for an event, not for time.
        return times.filter { $0 > now.monotonicNanoseconds }.min()
    }

    // MARK: Admission

    /// Why nothing new is taken in, if so.
    private var refusal: StorageError? {
        switch phase {
        case .running: nil
        case .poisoned: .logPoisoned
        case .closing, .closed: .shuttingDown
        }
    }

    private func admit(_ request: BatchRequest) {
        if let refusal {
            return actions.append(.completeBatch(request.completion, .failure(refusal)))
        }
        let byteCount = request.batch.bytes.count
        guard queuedByteCount < queuedByteCountLimit, !isBehind, reserveMemory(byteCount) else {
            return actions.append(
                .completeBatch(
                    request.completion, .failure(.overloaded(retryAfterMilliseconds: 100))))
        }
        queuedByteCount += byteCount
        inbox.append(.batch(request))
    }

    private func admit(_ change: TableChange, _ completion: @escaping ChangeCompletion) {
        if let refusal {
            return actions.append(.completeChange(completion, .failure(refusal)))
        }
        inbox.append(.change(change, completion))
    }

    /// Counts a batch that begins to wait; its rows are counted anew once they are in a memtable.
    /// Whether there was room for it.
    private func reserveMemory(_ byteCount: Int) -> Bool {
        guard let memory else { return true }
        if memory.reservedByteCount < memory.ingestFloor {
            // What is more than all there is goes nearly alone: it would be refused for ever.
            memory.take(byteCount)
            return true
        }
        do {
            try memory.reserve(byteCount)
            return true
        } catch {
            isShortOfMemory = true
            return false
        }
    }

    /// Whether sealing cannot keep up: the log grows without end otherwise.
    private func checkBacklog() {
        let limit = UInt64(limits.memtableLogBytes) * UInt64(Self.backlogFactor)
        isBehind = tables.values.contains { table in
            table.oldestPosition.map { logPosition - $0 > limit } ?? false
        }
    }

    /// The request whose turn it is.
    var nextRequest: Request? { inboxHead < inbox.count ? inbox[inboxHead] : nil }

    /// The request whose turn it was is done.
    func dropRequest() {
        if case .batch(let request) = inbox[inboxHead] {
            queuedByteCount -= request.batch.bytes.count
            memory?.release(request.batch.bytes.count)
        }
        inboxHead += 1
        takenCount += 1
        if inboxHead == inbox.count {
            inbox.removeAll(keepingCapacity: true)
            inboxHead = 0
        } else if inboxHead > 1_024, inboxHead * 2 > inbox.count {
            inbox.removeFirst(inboxHead)
            inboxHead = 0
        }
    }
}

extension MemoryBudget {
    /// Bytes that ingestion has for itself even while queries hold all memory: what is less is
    /// not worth a segment.
    var ingestFloor: Int { min(8 << 20, byteCountLimit / 16) }
}
