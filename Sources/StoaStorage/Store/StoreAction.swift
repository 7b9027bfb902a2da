internal import StoaBase
package import StoaModel

/// What the core wants done. Each action with an outcome is answered by one `StoreEvent`.
package enum StoreAction: Sendable {
    /// Writer: put bytes into the log. Answer: `didWriteLog`.
    case writeLog(LogWrite)
    /// Log sync: make a log file's bytes durable. Answer: `didSyncLog`.
    case syncLog(LogFileName)
    /// Log sync: write and sync the header of a prepared file, let go of the file before.
    /// Answer: `didBeginLogFile`.
    case beginLogFile(LogWrite)
    /// Committer: make a log file of that size, its name durable. Answer: `didPrepareLogFile`.
    case prepareLogFile(LogFileName, byteCount: Int)
    /// Sealer: make segments of a frozen memtable. Answer: `didSeal`.
    case seal(SealJob)
    /// Committer: make the manifest current. Answer: `didCommitManifest`.
    case commitManifest(Manifest)
    /// Committer: remove files that nothing names any more. No answer; recovery does the rest.
    case removeFiles([String])
    /// Committer: make the reserve file again if there is room for it. No answer.
    case restoreReserve
    /// Everybody: queries see this from now on.
    case publish(Snapshot)
    /// Tell a batch's sender.
    case completeBatch(AppendCompletion, Result<AppendReceipt, StorageError>)
    /// Tell a change's sender.
    case completeChange(ChangeCompletion, Result<ChangeReceipt, StorageError>)
    /// Tell whoever waits for a seal of everything, or for the close.
    case complete(@Sendable (StorageError?) -> Void, StorageError?)
    /// Tell whether a load of that label was committed before.
    case completeLabel(@Sendable (Bool) -> Void, Bool)
    /// The last action: nothing more will come.
    case finish
}

/// What happened outside the core.
package enum StoreEvent: Sendable {
    case batch(BatchRequest)
    case change(TableChange, ChangeCompletion)
    case sealAll(@Sendable (StorageError?) -> Void)
    case close(@Sendable (StorageError?) -> Void)
    case findLabel(TableID, String, @Sendable (Bool) -> Void)
    case didWriteLog(DiskOutcome)
    case didSyncLog(DiskOutcome)
    case didBeginLogFile(DiskOutcome)
    case didPrepareLogFile(DiskOutcome)
    case didSeal(SealJob, Result<[Segment], StorageError>)
    case didCommitManifest(Result<CommitOutcome, CommitFailure>)
    /// Time has passed, in nanoseconds of the monotonic clock and microseconds of the wall's.
    case tick(StoreTime)
}

/// Success, or what storage refused.
package typealias DiskOutcome = Result<Void, StorageError>

/// What a committed manifest leaves.
package struct CommitOutcome: Equatable, Sendable {
    /// The manifest's own checksum, for the next one.
    package var checksum: UInt32
    /// The disk was full and the reserve file was given up.
    package var didReleaseReserve: Bool

    package init(checksum: UInt32, didReleaseReserve: Bool) {
        self.checksum = checksum
        self.didReleaseReserve = didReleaseReserve
    }
}

/// Both clocks at one moment.
package struct StoreTime: Equatable, Sendable {
    package var monotonicNanoseconds: Int64
    package var wallMicroseconds: Int64

    package init(monotonicNanoseconds: Int64, wallMicroseconds: Int64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallMicroseconds = wallMicroseconds
    }
}

/// A frozen memtable that is to become segments.
package struct SealJob: Sendable {
    package var tableID: TableID
    package var memtable: Memtable
    /// The last batch in the memtable.
    package var lastLSN: UInt64
}
