internal import StoaBase
internal import StoaDisk
internal import StoaModel

/// Watches what passes between the core and the disk, and tells of it: the operator by events,
/// everybody who asks by health and counts. Decides nothing, and the core does not know it.
final class StoreObserver: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held.
    private let events: EventLog
    private let limits: Limits
    private let freeByteCount: @Sendable () -> Int?
    private let lock = Lock()
    private var totals = StoreCounts()
    private var isPoisoned = false
    /// The disk refused something for want of room, and nothing was stored since.
    private var isFull = false
    private var sealStart: Int64 = 0

    init(disk: any Disk, options: StoreOptions) {
        events = options.events
        limits = options.limits
        freeByteCount = { try? disk.freeByteCount() }
    }

    // MARK: What can be asked

    /// Why a batch would be refused now, were it sent; nil when it would be stored.
    var writeRefusal: StorageError? {
        let (isPoisoned, isFull) = lock.withLock { (self.isPoisoned, self.isFull) }
        if isPoisoned { return .logPoisoned }
        guard isFull else { return nil }
        // Nobody may have tried since somebody else made room: enough for the next log file, and
        // for the reserve, is enough.
        let free = freeByteCount() ?? 0
        return free > limits.logFileBytes + 2 * limits.reserveBytes
            ? nil : .diskFull(freeByteCount: free)
    }

    var counts: StoreCounts {
        var counts = lock.withLock { totals }
        counts.freeByteCount = freeByteCount()
        return counts
    }

    // MARK: What passes by

    /// An event was handed to the core, which stands in `phase` since then.
    func didHandle(_ event: StoreEvent, phase: StoreCore.Phase) {
        switch event {
        case .didWriteLog(let outcome): noticeRoom(outcome, "log write failed")
        case .didSyncLog(let outcome): report(outcome, "log sync failed")
        case .didBeginLogFile(let outcome): noticeRoom(outcome, "log file not begun")
        case .didPrepareLogFile(let outcome): noticeRoom(outcome, "log file not made")
        case .didSeal(let job, let result): didSeal(job, result)
        case .didCommitManifest(let result): didCommit(result)
        case .batch, .change, .sealAll, .close, .findLabel, .tick: break
        }
        if phase == .poisoned { notePoison() }
    }

    /// An action of the core is about to be carried out.
    func willPerform(_ action: StoreAction) {
        switch action {
        case .completeBatch(_, .success(let receipt)): count(receipt)
        case .completeBatch(_, .failure(let error)): count(error)
        case .seal: lock.withLock { sealStart = HostClock.monotonicNanoseconds() }
        case .commitManifest(let manifest):
            events.report(
                .debug, "committing manifest",
                [
                    "generation": "\(manifest.generation)", "lsn": "\(manifest.lsn)",
                    "tables": "\(manifest.tables.count)",
                ])
        case .removeFiles(let paths):
            events.report(.debug, "removing files", ["count": "\(paths.count)"])
        case .writeLog, .syncLog, .beginLogFile, .prepareLogFile, .restoreReserve, .publish,
            .completeChange, .complete, .completeLabel, .finish:
            return
        }
    }

    /// Bytes of the log files that are kept for recovery.
    func setLog(fileCount: Int) {
        lock.withLock { totals.logByteCount = fileCount * limits.logFileBytes }
    }

    // MARK: Counting

    private func count(_ receipt: AppendReceipt) {
        lock.withLock {
            if receipt.isDuplicate {
                totals.duplicateBatchCount += 1
            } else {
                totals.batchCount += 1
                totals.rowCount += receipt.rowCount
            }
        }
    }

    private func count(_ error: StorageError) {
        lock.withLock { totals.refusedBatchCount += 1 }
        switch error {
        case .overloaded:
            events.report(.warning, "batch refused", ["reason": "rows come faster than stored"])
        case .durabilityUnknown:
            events.report(.error, "batch in doubt", ["reason": error.serviceError.message])
        default: return
        }
    }

    // MARK: Telling

    private func didSeal(_ job: SealJob, _ result: Result<[Segment], StorageError>) {
        let table = job.memtable.definition.name
        switch result {
        case .success(let segments):
            let byteCount = segments.reduce(0) { $0 + Int($1.descriptor.byteCount) }
            let nanoseconds = lock.withLock { () -> Int64 in
                totals.sealCount += 1
                totals.sealedByteCount += byteCount
                return HostClock.monotonicNanoseconds() - sealStart
            }
            events.report(
                .info, "sealed",
                [
                    "table": table, "rows": "\(job.memtable.rowCount)",
                    "segments": "\(segments.count)", "bytes": "\(byteCount)",
                    "milliseconds": "\(nanoseconds / 1_000_000)",
                ])
        case .failure(let error):
            if error.isDiskFull { setFull(error) }
            events.report(
                .error, "seal failed",
                ["table": table, "reason": error.serviceError.message, "next": "tried again"])
        }
    }

    private func didCommit(_ result: Result<CommitOutcome, CommitFailure>) {
        switch result {
        case .success(let outcome):
            lock.withLock { totals.manifestCount += 1 }
            guard outcome.didReleaseReserve else { return }
            events.report(
                .warning, "reserve given up",
                ["reason": "the disk is full", "next": "made again when there is room"])
        case .failure(let failure):
            if failure.error.isDiskFull { setFull(failure.error) }
            events.report(
                .error, "manifest commit failed", ["reason": failure.error.serviceError.message])
        }
    }

    private func report(_ outcome: DiskOutcome, _ message: String) {
        guard case .failure(let error) = outcome else { return }
        events.report(.error, message, ["reason": error.serviceError.message])
    }

    /// The outcome of something that takes room: a full disk is told once when it begins and once
    /// when it ends.
    private func noticeRoom(_ outcome: DiskOutcome, _ message: String) {
        switch outcome {
        case .success:
            let wasFull = lock.withLock { () -> Bool in
                defer { isFull = false }
                return isFull
            }
            guard wasFull else { return }
            events.report(
                .notice, "disk has room again",
                ["free_bytes": "\(freeByteCount() ?? 0)", "next": "batches are stored again"])
        case .failure(let error) where error.isDiskFull: setFull(error)
        case .failure: report(outcome, message)
        }
    }

    private func setFull(_ error: StorageError) {
        let isNew = lock.withLock { () -> Bool in
            defer { isFull = true }
            return !isFull
        }
        guard isNew else { return }
        events.report(
            .error, "disk full",
            [
                "free_bytes": "\(freeByteCount() ?? 0)", "reason": error.serviceError.message,
                "next": "batches are refused until there is room; DROP and TRUNCATE still work",
            ])
    }

    private func notePoison() {
        let isNew = lock.withLock { () -> Bool in
            defer { isPoisoned = true }
            return !isPoisoned
        }
        guard isNew else { return }
        events.report(
            .critical, "storage stopped",
            [
                "reason": "the disk failed to keep what was written",
                "next": "rows that were acknowledged are answered; nothing is stored until the "
                    + "disk is checked and the daemon started again",
            ])
    }
}

/// What a store has done since it was opened, and what it takes.
package struct StoreCounts: Equatable, Sendable {
    /// Batches that were stored, and their rows.
    package var batchCount = 0
    package var rowCount = 0
    /// Batches that had been stored before.
    package var duplicateBatchCount = 0
    package var refusedBatchCount = 0
    /// Memtables that became segments, and the segments' bytes.
    package var sealCount = 0
    package var sealedByteCount = 0
    package var manifestCount = 0
    /// Bytes of the log files that recovery would read.
    package var logByteCount = 0
    /// Bytes that are free for the daemon where the data is; nil: the system does not say.
    package var freeByteCount: Int?

    package init() {}
}
