package import StoaBase
package import StoaDisk
internal import StoaModel

/// Does what the core asks of the disk. Decides nothing.
///
/// Writes go to the newest log file only; each file is written, synced and closed in turn.
package final class StoreFiles: @unchecked Sendable {
    // SAFETY: `log` changes only under `lock`; calls on the disk are made outside it.
    package let disk: any Disk
    package let limits: Limits
    private let verification: VerificationPolicy
    private let lock = Lock()
    private var log: (name: LogFileName, file: DiskFile)?
    /// Open for as long as the store is: the lock lives with it.
    private var lockFile: DiskFile?

    static let reservePath = "reserve"
    static let lockPath = "LOCK"
    static let trashDirectory = "trash"

    package init(
        disk: any Disk, limits: Limits, verification: VerificationPolicy = VerificationPolicy()
    ) {
        self.verification = verification
        self.disk = disk
        self.limits = limits
    }

    /// Takes over an open log file.
    func adoptLog(_ name: LogFileName, _ file: DiskFile) {
        let before = lock.withLock { () -> DiskFile? in
            defer { log = (name, file) }
            return log?.file
        }
        if let before { disk.close(before) }
    }

    /// Keeps the file that holds the directory's lock.
    func adoptLockFile(_ file: DiskFile) { lock.withLock { lockFile = file } }

    /// Lets go of the log and of the directory.
    package func close() {
        let files = lock.withLock { () -> [DiskFile] in
            defer { (log, lockFile) = (nil, nil) }
            return [log?.file, lockFile].compactMap { $0 }
        }
        for file in files { disk.close(file) }
    }

    // MARK: Log

    /// Puts bytes into the newest log file.
    package func write(_ write: LogWrite) -> DiskOutcome {
        Self.outcome { () throws(DiskError) in
            try disk.write(try logFile(write.file, .write), at: write.offset, array: write.bytes)
        }
    }

    /// Makes the newest log file's bytes durable.
    package func syncLog(_ name: LogFileName) -> DiskOutcome {
        Self.outcome { () throws(DiskError) in
            try disk.syncData(try logFile(name, .syncData))
        }
    }

    /// Writes and syncs the header of a prepared file, which is the newest from then on.
    package func beginLogFile(_ header: LogWrite) -> DiskOutcome {
        Self.outcome { () throws(DiskError) in
            let file = try disk.open(header.file.path, .readWrite)
            do throws(DiskError) {
                try disk.write(file, at: header.offset, array: header.bytes)
                try disk.syncData(file)
            } catch {
                disk.close(file)
                throw error
            }
            adoptLog(header.file, file)
        }
    }

    /// Makes a log file of zeros, its space reserved and its name durable.
    package func prepareLogFile(_ name: LogFileName, byteCount: Int) -> DiskOutcome {
        Self.outcome { () throws(DiskError) in
            // A file of that name was prepared in part, and never begun.
            if try disk.status(name.path) != nil { try disk.remove(name.path) }
            let file = try disk.open(name.path, .createNew)
            defer { disk.close(file) }
            do throws(DiskError) {
                try disk.allocate(file, byteCount: byteCount)
                try disk.syncData(file)
            } catch {
                try? disk.remove(name.path)
                throw error
            }
            try disk.syncDirectory(LogFileName.directory)
        }
    }

    private func logFile(
        _ name: LogFileName, _ operation: DiskError.Operation
    ) throws(DiskError) -> DiskFile {
        guard let log = lock.withLock({ log }), log.name == name else {
            throw DiskError(operation, path: name.path, errno: 9)
        }
        return log.file
    }

    // MARK: Segments and manifests

    /// Writes a memtable's rows as segments and opens them.
    package func seal(_ job: SealJob, ids: IDAllocator) -> Result<[Segment], StorageError> {
        do throws(StorageError) {
            let rows = 0..<job.memtable.rowCount
            let count = SegmentBuilder.segmentRanges(
                job.memtable, rows: rows, limits: limits
            ).count
            let descriptors = try SegmentBuilder.write(
                job.memtable, rows: rows, firstSegmentID: ids.takeSegmentIDs(count), disk: disk,
                options: SegmentBuilder.Options(limits: limits))
            var segments: [Segment] = []
            for descriptor in descriptors {
                segments.append(
                    try Segment.open(
                        descriptor, definition: job.memtable.definition, disk: disk,
                        policy: verification))
            }
            return .success(segments)
        } catch {
            return .failure(error)
        }
    }

    /// Commits a manifest; when the disk is full, a second time without the reserve file.
    package func commit(_ manifest: Manifest) -> Result<CommitOutcome, CommitFailure> {
        let files = ManifestFiles(disk: disk)
        do throws(CommitFailure) {
            let checksum = try files.commit(manifest)
            return .success(CommitOutcome(checksum: checksum, didReleaseReserve: false))
        } catch {
            guard case .refused(let reason) = error, reason.isDiskFull, releaseReserve() else {
                return .failure(error)
            }
        }
        do throws(CommitFailure) {
            let checksum = try files.commit(manifest)
            return .success(CommitOutcome(checksum: checksum, didReleaseReserve: true))
        } catch {
            return .failure(error)
        }
    }

    /// Whether there was a reserve to give up.
    func releaseReserve() -> Bool {
        do throws(DiskError) {
            guard try disk.status(Self.reservePath) != nil else { return false }
            try disk.remove(Self.reservePath)
            return true
        } catch {
            return false
        }
    }

    /// Makes the reserve file when there is room for it twice. Its absence is no error.
    package func restoreReserve() {
        do throws(DiskError) {
            guard try disk.status(Self.reservePath) == nil,
                try disk.freeByteCount() >= 2 * limits.reserveBytes
            else { return }
            let file = try disk.open(Self.reservePath, .createNew)
            defer { disk.close(file) }
            try disk.allocate(file, byteCount: limits.reserveBytes)
            try disk.syncData(file)
            try disk.syncDirectory("")
        } catch {
            try? disk.remove(Self.reservePath)
        }
    }

    /// Removes files; what stays is removed by the next recovery.
    package func remove(_ paths: [String]) {
        for path in paths { try? disk.remove(path) }
    }

    private static func outcome(_ body: () throws(DiskError) -> Void) -> DiskOutcome {
        do throws(DiskError) {
            return .success(try body())
        } catch {
            return .failure(.disk(error))
        }
    }
}
