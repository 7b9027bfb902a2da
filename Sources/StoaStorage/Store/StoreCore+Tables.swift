internal import StoaBase
internal import StoaModel

/// Changes of tables, seals and the manifests that make them true.
extension StoreCore {
    func pumpManifest() {
        guard commit == nil else { return }
        if case .change(let change, let completion)? = nextRequest, isQuiet {
            begin(change, completion)
        }
        // A change that was refused or changed nothing leaves its turn to others.
        while commit == nil, !sealed.isEmpty { install(sealed.removeFirst()) }
    }

    /// Whether every batch that was taken in is durable and answered.
    private var isQuiet: Bool {
        groupCommit.isIdle && !isWriting && fileSwitch.isIdle && inFlight.isEmpty
            && group.isEmpty
    }

    // MARK: Changes

    private func begin(_ change: TableChange, _ completion: @escaping ChangeCompletion) {
        invariant(isQuiet, "a change waits for all batches before it")
        let lsn = nextLSN
        do throws(StorageError) {
            let tableID = subject(of: change)
            guard let next = try manifest.applying(change, at: lsn, newTableID: tableID) else {
                dropRequest()
                return completeUnchanged(change, completion)
            }
            nextLSN += 1
            start(next, .change(change, completion, tableID), keepingLogOf: nil)
        } catch {
            dropRequest()
            removeSegments(change.newSegments)
            actions.append(.completeChange(completion, .failure(error)))
        }
    }

    /// The table that a change is about; a new number for a new table.
    private func subject(of change: TableChange) -> TableID {
        if let id = change.tableID { return id }
        guard case .create(let draft) = change,
            let index = manifest.tableIndex(named: draft.name)
        else { return ids.takeTableID() }
        return manifest.tables[index].definition.id
    }

    private func completeUnchanged(
        _ change: TableChange, _ completion: @escaping ChangeCompletion
    ) {
        let receipt = ChangeReceipt(
            lsn: visibleLSN, generation: visibleLSN, tableID: subject(of: change),
            isUnchanged: true)
        actions.append(.completeChange(completion, .success(receipt)))
    }

    /// Has a manifest made current. Its log begins where the oldest row is that is in no segment
    /// of it.
    func start(_ next: Manifest, _ effect: CommitEffect, keepingLogOf left: Memtable?) {
        invariant(commit == nil, "one manifest is written at a time")
        var next = next
        next.generation = manifest.generation + 1
        next.previousChecksum = committedChecksum
        next.nextSegmentID = ids.next.segmentID
        next.nextTableID = max(next.nextTableID, ids.next.tableID)
        next.producers = durableProducers
        next.lsn = max(next.lsn, visibleLSN)
        let start = firstNeededFile(after: effect, leavingOut: left)
        next.log = LogPosition(
            file: start.name, chain: start.chain,
            durableLSN: max(start.chain.lsn, log.durableLSN),
            newestNumber: liveFiles[liveFiles.count - 1].name.number)
        commit = Commit(manifest: next, effect: effect)
        actions.append(.commitManifest(next))
    }

    /// The first log file that replay needs.
    private func firstNeededFile(
        after effect: CommitEffect, leavingOut left: Memtable?
    ) -> LiveLogFile {
        var emptied: TableID?
        if case .change(let change, _, _) = effect { emptied = change.emptiedTableID }
        let needed = tables.compactMap { id, table in
            id == emptied ? nil : table.firstUnsealedLSN(leavingOut: left)
        }.min()
        guard let needed else { return liveFiles[liveFiles.count - 1] }
        return liveFiles.first { $0.lastLSN >= needed } ?? liveFiles[liveFiles.count - 1]
    }

    func didCommit(_ result: Result<CommitOutcome, CommitFailure>) {
        guard phase == .running || phase == .closing, let done = commit else { return }
        commit = nil
        switch result {
        case .success(let outcome):
            committedChecksum = outcome.checksum
            if outcome.didReleaseReserve {
                isReserveReleased = true
                reserveNotBefore = now.monotonicNanoseconds + Self.reserveNanoseconds
            }
            manifest = done.manifest
            apply(done.effect)
            trim()
        case .failure(.refused(let error)): undo(done, error)
        case .failure(.unknown):
            commit = done
            poison()
        }
    }

    /// The manifest holds: memory follows.
    private func apply(_ effect: CommitEffect) {
        switch effect {
        case .sealed(let sealed): apply(sealed)
        case .close: return
        case .change(let change, let completion, let tableID):
            dropRequest()
            visibleLSN = manifest.lsn
            apply(change, tableID)
            publish()
            let receipt = ChangeReceipt(
                lsn: manifest.lsn, generation: visibleLSN, tableID: tableID, isUnchanged: false)
            actions.append(.completeChange(completion, .success(receipt)))
        }
    }

    private func apply(_ change: TableChange, _ tableID: TableID) {
        switch change {
        case .drop:
            let table = tables.removeValue(forKey: tableID)
            tableStates[tableID] = nil
            removeSegments(table?.segments ?? [])
            for memtable in table?.memtables ?? [] { didSettle(memtable) }
        case .create, .rename, .addColumn, .dropColumn, .renameColumn, .truncate, .load,
            .replace:
            guard let index = manifest.tableIndex(tableID) else { return }
            let definition = manifest.tables[index].definition
            var table = tables[tableID] ?? LiveTable(definition: definition, segments: [])
            // A memtable has one schema for life.
            if table.definition.columns != definition.columns { table.freeze() }
            table.definition = definition
            if case .load(let load) = change { table.segments += load.segments }
            if case .truncate = change { empty(&table) }
            if case .replace(_, let replacements) = change {
                replace(replacements, in: &table)
                // As many segments may be others.
                tableStates[tableID] = nil
            }
            tables[tableID] = table
            rebuild(tableID, table)
        }
        rebuildCatalog()
    }

    private func replace(_ replacements: [SegmentReplacement], in table: inout LiveTable) {
        for replacement in replacements {
            guard
                let place = table.segments.firstIndex(where: {
                    $0.descriptor.id == replacement.id
                })
            else { continue }
            removeSegments([table.segments[place]])
            table.segments.replaceSubrange(place...place, with: replacement.segments)
        }
    }

    /// All rows of a table are gone; queries that hold a snapshot go on.
    private func empty(_ table: inout LiveTable) {
        removeSegments(table.segments)
        let memtables = table.memtables
        table = LiveTable(definition: table.definition, segments: [])
        for memtable in memtables { didSettle(memtable) }
    }

    /// The manifest does not hold: everything is as before.
    private func undo(_ commit: Commit, _ error: StorageError) {
        switch commit.effect {
        case .change(let change, let completion, _):
            dropRequest()
            // Nothing came between: the change held up all that is behind it.
            nextLSN -= 1
            removeSegments(change.newSegments)
            actions.append(.completeChange(completion, .failure(error)))
        case .sealed(let result):
            removeSegments(result.segments)
            sealNotBefore = now.monotonicNanoseconds + Self.sealRetryNanoseconds
        case .close: return  // The log is durable without it.
        }
    }

    // MARK: Seals

    /// Freezes memtables whose oldest row waits for too long, in time or in bytes of log.
    func freezeAged() {
        let now = now.monotonicNanoseconds
        let limit = Int64(limits.memtableSeconds) * 1_000_000_000
        for (id, table) in tables where table.active != nil {
            let isOld = now - table.activeSince >= limit
            let isLong = logPosition - table.activeStart >= UInt64(limits.memtableLogBytes)
            if isOld || isLong { tables[id]?.freeze() }
        }
    }

    /// After a batch was refused for want of memory, freezes the memtable that holds the most,
    /// unless segments are being made already.
    func freezeForMemory() {
        guard isShortOfMemory else { return }
        isShortOfMemory = false
        guard seal == nil, sealed.isEmpty, tables.values.allSatisfy(\.frozen.isEmpty) else {
            return
        }
        let largest = tables.max {
            ($0.value.active?.byteCount ?? 0) < ($1.value.active?.byteCount ?? 0)
        }
        // Few bytes give nothing back: then it is queries that hold the memory.
        let total = tables.values.reduce(0) { $0 + ($1.active?.byteCount ?? 0) }
        guard let id = largest?.key, let memory, total >= memory.ingestFloor else { return }
        tables[id]?.freeze()
    }

    /// Freezes every memtable, for somebody who waits until they are segments.
    func freezeAll(_ completion: @escaping @Sendable (StorageError?) -> Void) {
        var waiting: Set<ObjectIdentifier> = []
        for id in tables.keys {
            tables[id]?.freeze()
            for frozen in tables[id]?.frozen ?? [] {
                waiting.insert(ObjectIdentifier(frozen.memtable))
            }
        }
        guard !waiting.isEmpty else { return actions.append(.complete(completion, nil)) }
        sealNotBefore = 0
        sealWaiters.append(SealWaiter(memtables: waiting, completion: completion))
    }

    /// Starts to make segments of the oldest frozen memtable whose rows are all durable.
    func pumpSeal() {
        guard seal == nil, sealed.isEmpty, phase == .running || !sealWaiters.isEmpty,
            now.monotonicNanoseconds >= sealNotBefore, !isInstalling
        else { return }
        let candidates = tables.compactMap { id, table in
            table.frozen.first.map { (id: id, memtable: $0.memtable) }
        }
        guard
            let next = candidates.min(by: {
                ($0.memtable.firstLSN, $0.id)
                    < ($1.memtable.firstLSN, $1.id)
            }),
            next.memtable.lastLSN <= visibleLSN
        else { return }
        let job = SealJob(
            tableID: next.id, memtable: next.memtable, lastLSN: next.memtable.lastLSN)
        seal = job
        actions.append(.seal(job))
    }

    private var isInstalling: Bool {
        if case .sealed? = commit?.effect { true } else { false }
    }

    func didSeal(_ job: SealJob, _ result: Result<[Segment], StorageError>) {
        seal = nil
        guard phase == .running || phase == .closing else { return }
        switch result {
        case .success(let segments):
            sealed.append(SealedMemtable(job: job, segments: segments))
        case .failure(let error):
            // Segments have other names until they are complete, so only a failed sync of what
            // was promised before would be a reason for distrust; a full disk passes.
            if error.isSyncFailure, !error.isDiskFull { return poison() }
            sealNotBefore = now.monotonicNanoseconds + Self.sealRetryNanoseconds
            failSealWaiters(error)
        }
    }

    /// Starts the manifest that lists a memtable's segments.
    private func install(_ result: SealedMemtable) {
        // The rows may be gone by now, with their table or without it.
        let isWanted =
            tables[result.job.tableID]?.frozen.first?.memtable === result.job.memtable
        guard isWanted else { return removeSegments(result.segments) }
        let next = manifest.sealing(
            result.job.tableID, result.segments.map(\.descriptor), upTo: result.job.lastLSN)
        guard let next else { return removeSegments(result.segments) }
        start(next, .sealed(result), keepingLogOf: result.job.memtable)
    }

    private func apply(_ result: SealedMemtable) {
        let id = result.job.tableID
        guard var table = tables[id] else { return }
        invariant(
            table.frozen.first?.memtable === result.job.memtable, "seals keep the rows' order")
        table.frozen.removeFirst()
        table.segments += result.segments
        tables[id] = table
        rebuild(id, table)
        publish()
        didSettle(result.job.memtable)
    }

    /// A memtable's rows are in segments, or gone with their table.
    private func didSettle(_ memtable: Memtable) {
        for index in sealWaiters.indices {
            sealWaiters[index].memtables.remove(ObjectIdentifier(memtable))
        }
        for waiter in sealWaiters where waiter.memtables.isEmpty {
            actions.append(.complete(waiter.completion, nil))
        }
        sealWaiters.removeAll { $0.memtables.isEmpty }
    }

    func failSealWaiters(_ error: StorageError) {
        for waiter in sealWaiters { actions.append(.complete(waiter.completion, error)) }
        sealWaiters = []
    }

    // MARK: What nothing names any more

    /// Log files before the manifest's first, and the manifest that is one too many.
    private func trim() {
        let first = manifest.log.file
        var paths = liveFiles.filter { $0.name < first }.map(\.name.path)
        liveFiles.removeAll { $0.name < first }
        if manifest.generation > UInt64(Manifest.keptCount) {
            paths.append(Manifest.path(manifest.generation - UInt64(Manifest.keptCount)))
        }
        if !paths.isEmpty { actions.append(.removeFiles(paths)) }
    }

    private func removeSegments(_ segments: [Segment]) {
        if segments.isEmpty { return }
        actions.append(.removeFiles(segments.map(\.descriptor.path)))
    }
}
