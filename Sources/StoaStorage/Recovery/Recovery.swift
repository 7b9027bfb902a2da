internal import StoaBase
package import StoaDisk
internal import StoaModel

/// Opens a data directory: reads and checks everything first, and changes something only when
/// nothing is left that could be refused.
///
/// What the log holds beyond the segments is written into a new log of the next epoch before
/// anything else happens: no file of an earlier life is ever appended to, and pages that a failed
/// sync left in memory only are written again.
package struct Recovery {
    private let files: StoreFiles
    private let disk: any Disk
    private let options: StoreOptions

    /// What a directory is before it is opened.
    private enum Kind { case empty, interruptedCreation, database }

    /// All that the first, reading half finds.
    private struct Findings {
        var manifest: Manifest
        var checksum: UInt32
        var logNames: [LogFileName]
        var replay: Replay
        var scan: LogScanResult
        var segments: [TableID: [Segment]]
    }

    private init(disk: any Disk, options: StoreOptions) {
        self.disk = disk
        self.options = options
        files = StoreFiles(
            disk: disk, limits: options.limits, verification: options.verification)
    }

    /// Opens or makes a store.
    ///
    /// - Throws: why not; then nothing in the directory has changed, except that a creation may
    ///   have begun in an empty one, or an unfinished copy of the log is left, which no one reads.
    package static func open(
        _ disk: any Disk, options: StoreOptions
    ) throws(StorageError) -> (StoreFiles, RecoveredState) {
        let recovery = Recovery(disk: disk, options: options)
        do throws(StorageError) {
            return (recovery.files, try recovery.open())
        } catch {
            recovery.files.close()
            throw error
        }
    }

    private func open() throws(StorageError) -> RecoveredState {
        let start = HostClock.monotonicNanoseconds()
        let kind = try classify()
        guard options.createsIfEmpty || kind == .database else {
            throw .directoryUnusable("The directory holds no database.")
        }
        try takeLock()
        // Another daemon may have been quicker between the look and the lock.
        let isNew = try classify() != .database
        if isNew { try create() }
        let findings = try read()
        var state = try renew(findings)
        clean(state)
        writeProcessID()
        state.report.isNew = isNew
        state.report.seconds = Double(HostClock.monotonicNanoseconds() - start) / 1e9
        return state
    }

    private func attempt<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(StorageError) -> Result {
        do throws(DiskError) { return try body() } catch { throw .disk(error) }
    }

    // MARK: What the directory is

    private func classify() throws(StorageError) -> Kind {
        let names = try attempt { () throws(DiskError) in try disk.list("") }
        if names.contains(CurrentFile.path) { return .database }
        let ours: Set<String> = [
            StoreFiles.lockPath, IdentityFile.path, IdentityFile.temporaryPath,
            CurrentFile.temporaryPath, StoreFiles.reservePath, StoreFiles.trashDirectory,
            LogFileName.directory, SegmentID.directory, Manifest.directory,
        ]
        let found = names.filter { $0 != "lost+found" }
        if let foreign = found.first(where: { !ours.contains($0) }) {
            throw .directoryNotEmpty(foreign)
        }
        for directory in [LogFileName.directory, SegmentID.directory, Manifest.directory]
        where found.contains(directory) {
            let entries = try attempt { () throws(DiskError) in try disk.list(directory) }
            // A creation makes its first manifest and CURRENT before any log or segment.
            let first = HexName.text(UInt64(1))
            let isBegun = entries.allSatisfy {
                directory == Manifest.directory && ($0 == first || $0 == first + ".tmp")
            }
            guard isBegun else {
                throw .corruptManifest(
                    path: CurrentFile.path, byteOffset: 0,
                    reason: "the file is missing and \(directory)/ is not empty")
            }
        }
        return found.isEmpty ? .empty : .interruptedCreation
    }

    private func takeLock() throws(StorageError) {
        let path = StoreFiles.lockPath
        let file: DiskFile
        do throws(DiskError) {
            if try disk.status(path) == nil {
                file = try disk.open(path, .createNew)
            } else {
                file = try disk.open(path, .readWrite)
            }
        } catch {
            throw .directoryUnusable(
                "The data directory cannot be written: \(error.operation.rawValue) of "
                    + "\(path) failed with errno \(error.errno).")
        }
        files.adoptLockFile(file)
        guard try attempt({ () throws(DiskError) in try disk.lock(file) }) else {
            throw .directoryInUse(processID: readProcessID())
        }
    }

    private func readProcessID() -> Int32? {
        guard let bytes = try? disk.readAll(StoreFiles.lockPath, byteCountLimit: 32) else {
            return nil
        }
        return Int32(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
    }

    /// For the message of a second daemon; nothing depends on it.
    private func writeProcessID() {
        let text = Array("\(options.processID)\n".utf8)
        guard let file = try? disk.open(StoreFiles.lockPath, .readWrite) else { return }
        defer { disk.close(file) }
        try? disk.truncate(file, to: 0)
        try? disk.write(file, at: 0, array: text)
        try? disk.syncData(file)
    }

    // MARK: A new database

    /// The first manifest and CURRENT come before any log file, so that a creation that was cut
    /// off can be told from a database that lost its CURRENT.
    private func create() throws(StorageError) {
        var random = SystemRandomNumberGenerator()
        let id =
            options.databaseID
            ?? DatabaseID(high: random.next() | 1, low: random.next())
        let identity = IdentityFile(databaseID: id, incarnation: 1)
        try attempt { () throws(DiskError) in
            for directory in [
                LogFileName.directory, SegmentID.directory, Manifest.directory,
                StoreFiles.trashDirectory,
            ] { try disk.makeDirectory(directory) }
            try disk.replace(IdentityFile.temporaryPath, with: identity.encode())
            try disk.rename(IdentityFile.temporaryPath, to: IdentityFile.path)
            try disk.syncDirectory("")
        }
        do throws(CommitFailure) {
            let manifest = Manifest(generation: 1, databaseID: id, incarnation: 1)
            _ = try ManifestFiles(disk: disk).commit(manifest)
        } catch {
            throw error.error
        }
    }

    // MARK: Reading

    private func read() throws(StorageError) -> Findings {
        let current = try CurrentFile.decode(try contents(CurrentFile.path, limit: 1 << 12))
        let path = Manifest.path(current.generation)
        let bytes = try contents(path, limit: ManifestCodec.byteCountLimit)
        let manifest = try ManifestCodec.decode(bytes, path: path)
        let checksum: UInt32 = bytes.integer(at: bytes.count - 4)
        guard manifest.generation == current.generation, checksum == current.manifestChecksum,
            UInt64(bytes.count) == current.manifestByteCount
        else {
            throw .corruptManifest(
                path: path, byteOffset: bytes.count - 4,
                reason: "it is not the manifest that CURRENT names")
        }
        let identity = try IdentityFile.decode(try contents(IdentityFile.path, limit: 1 << 12))
        guard identity.databaseID == manifest.databaseID else {
            throw .corruptManifest(
                path: IdentityFile.path, byteOffset: 8, reason: "it is another database's")
        }
        let names = try attempt { () throws(DiskError) in try disk.list(LogFileName.directory) }
        let logNames = names.compactMap { LogFileName($0) }
        var replay = Replay(manifest, limits: options.limits, memory: options.memory)
        let scanner = LogScanner(
            disk: disk, databaseID: manifest.databaseID, start: manifest.log, names: logNames)
        let scan = try scanner.scan { record throws(StorageError) in try replay.apply(record) }
        var segments: [TableID: [Segment]] = [:]
        for table in manifest.tables {
            var list: [Segment] = []
            for descriptor in table.segments {
                list.append(
                    try Segment.openOrSetAside(
                        descriptor, definition: table.definition, disk: disk,
                        policy: options.verification))
            }
            segments[table.definition.id] = list
        }
        return Findings(
            manifest: manifest, checksum: checksum, logNames: logNames, replay: replay,
            scan: scan, segments: segments)
    }

    private func contents(_ path: String, limit: Int) throws(StorageError) -> Bytes {
        do throws(DiskError) {
            return Bytes(try disk.readAll(path, byteCountLimit: limit))
        } catch {
            if error.operation == .open, error.errno == 2 {
                throw .corruptManifest(path: path, byteOffset: 0, reason: "the file is missing")
            }
            throw .disk(error)
        }
    }

    // MARK: The new log

    private func renew(_ findings: Findings) throws(StorageError) -> RecoveredState {
        do throws(StorageError) {
            return try renewOnce(findings)
        } catch {
            guard error.isDiskFull, files.releaseReserve() else { throw error }
        }
        return try renewOnce(findings)
    }

    private func renewOnce(_ findings: Findings) throws(StorageError) -> RecoveredState {
        let epochs = findings.logNames.map(\.epoch) + [findings.manifest.log.file.epoch]
        let epoch = (epochs.max() ?? 0) + 1
        var copy = LogCopy(
            disk: disk, databaseID: findings.manifest.databaseID, epoch: epoch,
            limits: options.limits)
        do throws(DiskError) {
            try copy.write(findings.replay.liveRecords)
        } catch {
            copy.close()
            throw .disk(error)
        }
        var manifest = findings.manifest
        manifest.generation += 1
        manifest.previousChecksum = findings.checksum
        manifest.lsn = findings.replay.lsn
        manifest.producers = findings.replay.producers
        manifest.nextSegmentID = try nextSegmentID(manifest)
        manifest.log = LogPosition(
            file: LogFileName(epoch: epoch, number: 1), chain: LogChain(),
            durableLSN: copy.writer.chain.lsn, newestNumber: copy.writer.file.number)
        let checksum: UInt32
        do throws(CommitFailure) {
            checksum = try ManifestFiles(disk: disk).commit(manifest)
        } catch {
            copy.close()
            throw error.error
        }
        if let file = copy.takeFile() { files.adoptLog(copy.writer.file, file) }
        copy.writer.durableLSN = copy.writer.chain.lsn
        return RecoveredState(
            manifest: manifest, manifestChecksum: checksum, log: copy.writer,
            liveFiles: copy.files, tables: tables(findings), report: report(findings, manifest))
    }

    /// Behind every number that a file has, also one that no manifest knows.
    private func nextSegmentID(_ manifest: Manifest) throws(StorageError) -> UInt64 {
        let names = try attempt { () throws(DiskError) in try disk.list(SegmentID.directory) }
        let used = names.compactMap { HexName.parse64($0.prefix(16)) }.max() ?? 0
        return max(manifest.nextSegmentID, used == .max ? used : used + 1)
    }

    private func tables(_ findings: Findings) -> [RecoveredTable] {
        findings.manifest.tables.map { table in
            let id = table.definition.id
            return RecoveredTable(
                definition: table.definition, segments: findings.segments[id] ?? [],
                memtables: findings.replay.memtables[id] ?? [])
        }
    }

    private func report(_ findings: Findings, _ manifest: Manifest) -> OpenReport {
        var report = OpenReport()
        report.databaseID = manifest.databaseID
        report.incarnation = manifest.incarnation
        report.manifestGeneration = manifest.generation
        report.lsn = manifest.lsn
        report.replayedBatchCount = findings.replay.liveRecords.count
        report.firstReplayedLSN = findings.replay.liveRecords.first?.header.lsn ?? 0
        report.lastReplayedLSN = findings.replay.liveRecords.last?.header.lsn ?? 0
        report.droppedByteCount = findings.scan.droppedByteCount
        report.wasClosed = findings.scan.isClosed
        report.tableCount = manifest.tables.count
        report.segmentCount = manifest.tables.reduce(0) { $0 + $1.segments.count }
        report.setAsideCount = findings.segments.values.reduce(0) { count, segments in
            count + segments.count { $0.loss != nil }
        }
        return report
    }

    // MARK: What is left over

    /// Removes what no manifest that may be current names. Failures leave it for the next time.
    private func clean(_ state: RecoveredState) {
        let live = Set(state.liveFiles.map(\.name.path))
        for name in (try? disk.list(LogFileName.directory)) ?? [] {
            let path = "\(LogFileName.directory)/\(name)"
            if LogFileName(name) != nil, !live.contains(path) { try? disk.remove(path) }
        }
        let named = Set(state.manifest.tables.flatMap { $0.segments.map(\.path) })
        for name in (try? disk.list(SegmentID.directory)) ?? [] {
            let path = "\(SegmentID.directory)/\(name)"
            guard !named.contains(path) else { continue }
            try? disk.makeDirectory(StoreFiles.trashDirectory)
            try? disk.rename(path, to: "\(StoreFiles.trashDirectory)/\(name)")
        }
        for name in (try? disk.list(StoreFiles.trashDirectory)) ?? [] {
            try? disk.remove("\(StoreFiles.trashDirectory)/\(name)")
        }
        let generation = state.manifest.generation
        for name in (try? disk.list(Manifest.directory)) ?? [] {
            let isKept =
                HexName.parse64(name).map {
                    $0 <= generation && $0 + UInt64(Manifest.keptCount) > generation
                } ?? false
            if !isKept { try? disk.remove("\(Manifest.directory)/\(name)") }
        }
        for path in [CurrentFile.temporaryPath, IdentityFile.temporaryPath] {
            if (try? disk.status(path)) ?? nil != nil { try? disk.remove(path) }
        }
        files.restoreReserve()
    }
}
