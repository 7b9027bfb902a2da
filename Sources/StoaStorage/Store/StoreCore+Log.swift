internal import StoaBase
internal import StoaModel

/// Batches into the log, and out of it as acknowledgements.
extension StoreCore {
    func pumpLog() {
        guard !isWriting, fileSwitch.isIdle else { return }
        while let request = nextRequest {
            switch request {
            case .change: return finishGroup()  // Waits for all that came before.
            case .sealAll(let completion):
                finishGroup()
                guard !isWriting else { return }
                dropRequest()
                freezeAll(completion)
            case .batch(let request):
                switch plan(request) {
                case .planned, .answered: dropRequest()
                case .needsRoom:
                    finishGroup()
                    if !isWriting { switchFile() }
                    return
                }
                if log.groupByteCount >= Self.groupByteCountLimit { return finishGroup() }
            }
        }
        finishGroup()
    }

    private enum Planning { case planned, answered, needsRoom }

    /// Checks a batch and puts its record into the group.
    private func plan(_ request: BatchRequest) -> Planning {
        do throws(StorageError) {
            guard let table = tables[request.tableID] else {
                throw .unknownTable("\(request.tableID)")
            }
            // A batch that is stored is a duplicate also when its columns have changed since.
            let verdict = try producers.judge(request.origin, fingerprint: request.fingerprint)
            if case .duplicate(let lsn) = verdict {
                answerDuplicate(request, lsn: lsn)
                return .answered
            }
            let admitted = try BatchAdmission.check(request.batch, against: table.definition)
            let payload = BatchPayload(
                origin: request.origin, tableID: request.tableID,
                schemaVersion: table.definition.schemaVersion, columnIDs: admitted.columnIDs,
                batch: request.batch.bytes)
            guard fileSwitch == .none, log.fits(payloadByteCount: payload.byteCount) else {
                return .needsRoom
            }
            let growth = try reserveGrowth(request)
            let lsn = nextLSN
            nextLSN += 1
            log.append(payload, lsn: lsn, time: now.wallMicroseconds)
            let before = producers.accept(
                request.origin,
                ProducerState.Batch(lsn: lsn, fingerprint: request.fingerprint),
                time: now.wallMicroseconds)
            group.append(
                InFlight(
                    request: request, admitted: admitted, lsn: lsn, time: now.wallMicroseconds,
                    end: logPosition + UInt64(log.groupByteCount), producerBefore: before,
                    growthByteCount: growth))
            return .planned
        } catch {
            actions.append(.completeBatch(request.completion, .failure(error)))
            return .answered
        }
    }

    /// Reserves what the table's memtable will grow by, before the batch is in the log: afterwards
    /// it cannot be refused. A few bytes of a wide table make many bytes of memtable.
    private func reserveGrowth(_ request: BatchRequest) throws(StorageError) -> Int {
        guard let memory, let table = tables[request.tableID] else { return 0 }
        let rowCount = table.planned.rowCount + request.batch.rowCount
        let memtable = table.active ?? Memtable(definition: table.definition, limits: limits)
        let growth = max(
            0, memtable.growthByteCount(adding: rowCount) - table.planned.byteCount)
        do {
            try memory.reserve(growth)
        } catch {
            // What is more than all there is goes alone here too.
            guard memory.reservedByteCount - queuedByteCount < memory.ingestFloor else {
                isShortOfMemory = true
                throw .overloaded(retryAfterMilliseconds: 100)
            }
            memory.take(growth)
        }
        tables[request.tableID]?.planned.rowCount = rowCount
        tables[request.tableID]?.planned.byteCount += growth
        return growth
    }

    /// The memtable has grown, and counts its bytes itself; or it will not.
    private func releaseGrowth(_ entry: InFlight) {
        guard !entry.isDuplicate, let memory else { return }
        memory.release(entry.growthByteCount)
        tables[entry.request.tableID]?.planned.rowCount -= entry.request.batch.rowCount
        tables[entry.request.tableID]?.planned.byteCount -= entry.growthByteCount
    }

    /// A repeated batch is answered when the first one is durable.
    private func answerDuplicate(_ request: BatchRequest, lsn: UInt64) {
        guard lsn > visibleLSN else {
            return actions.append(
                .completeBatch(
                    request.completion, .success(receipt(request, lsn: lsn, isDuplicate: true))))
        }
        group.append(
            InFlight(
                request: request, admitted: nil, lsn: lsn, time: 0,
                end: logPosition + UInt64(log.groupByteCount), producerBefore: nil))
    }

    private func receipt(
        _ request: BatchRequest, lsn: UInt64, isDuplicate: Bool
    ) -> AppendReceipt {
        AppendReceipt(
            lsn: lsn, generation: visibleLSN, rowCount: request.batch.rowCount,
            isDuplicate: isDuplicate)
    }

    /// Hands the planned records to the writer.
    func finishGroup() {
        guard log.groupByteCount > 0 else {
            // Only duplicates of batches that are on their way.
            inFlight += group
            group = []
            return
        }
        isWriting = true
        lastActivity = now.monotonicNanoseconds
        actions.append(.writeLog(log.takeGroup()))
    }

    func didWriteLog(_ outcome: DiskOutcome) {
        invariant(isWriting || phase == .poisoned, "a write ends that was begun")
        isWriting = false
        guard phase == .running || phase == .closing else { return }
        let marker = markerInGroup
        markerInGroup = nil
        switch outcome {
        case .failure(let error):
            guard error.isDiskFull else { return poison() }
            refuseGroup(error)
        case .success:
            // A record's end in the file is its end in the log's count of bytes.
            logPosition = group.last?.end ?? logPosition
            if marker != nil { logPosition += UInt64(LogRecordHeader.byteCount) }
            log.didWriteGroup()
            for entry in group where !entry.isDuplicate {
                enter(entry)
                releaseGrowth(entry)
            }
            inFlight += group
            group = []
            liveFiles[liveFiles.count - 1].lastLSN = log.chain.lsn
            follow(groupCommit.didAppend(upTo: logPosition))
        }
    }

    /// The disk has no room: nothing of the group is in the log, all of it may be sent again.
    private func refuseGroup(_ error: StorageError) {
        log.didRefuseGroup()
        for entry in group.reversed() {
            releaseGrowth(entry)
            if !entry.isDuplicate {
                producers.restore(entry.request.origin, entry.producerBefore)
                nextLSN = min(nextLSN, entry.lsn)
            }
            actions.append(.completeBatch(entry.request.completion, .failure(error)))
        }
        group = []
    }

    /// The rows of a written batch go into the memtable, unseen until they are durable.
    private func enter(_ entry: InFlight) {
        guard let admitted = entry.admitted else { return }
        let id = entry.request.tableID
        // Taken out while it changes, so that nothing is copied.
        guard var table = tables.removeValue(forKey: id) else { return }
        defer { tables[id] = table }
        let isNew = table.active == nil
        let memtable =
            table.active
            ?? Memtable(definition: table.definition, limits: limits, memory: memory)
        if isNew {
            table.active = memtable
            table.activeStart = entry.end - UInt64(LogRecordHeader.byteCount)
            table.activeSince = now.monotonicNanoseconds
        }
        memtable.append(admitted, lsn: entry.lsn)
        if memtable.rowCount >= limits.segmentRows
            || entry.end - table.activeStart >= UInt64(limits.memtableLogBytes)
        {
            table.freeze()
        }
        if isNew { rebuild(id, table) }
    }

    // MARK: Sync

    func follow(_ action: GroupCommit.Action) {
        switch action {
        case .wait: return
        case .sync: actions.append(.syncLog(log.file))
        case .poison: poison()
        case .acknowledge(let end, let next):
            acknowledge(upTo: end)
            if next != nil { actions.append(.syncLog(log.file)) }
        }
    }

    func didSyncLog(_ outcome: DiskOutcome) {
        guard phase == .running || phase == .closing else { return }
        if case .success = outcome {
            follow(groupCommit.didSync(succeeded: true))
        } else {
            follow(groupCommit.didSync(succeeded: false))
        }
    }

    /// Batches up to here are on the disk: now they are seen, and then their senders are told.
    private func acknowledge(upTo end: UInt64) {
        var count = 0
        while count < inFlight.count, inFlight[count].end <= end { count += 1 }
        let done = inFlight[..<count]
        for entry in done where !entry.isDuplicate {
            visibleLSN = entry.lsn
            log.durableLSN = entry.lsn
            durableProducers.accept(
                entry.request.origin,
                ProducerState.Batch(lsn: entry.lsn, fingerprint: entry.request.fingerprint),
                time: entry.time)
        }
        if count > 0 { publish() }
        for entry in done {
            let receipt = receipt(entry.request, lsn: entry.lsn, isDuplicate: entry.isDuplicate)
            actions.append(.completeBatch(entry.request.completion, .success(receipt)))
        }
        inFlight.removeFirst(count)
    }

    // MARK: Files

    /// Goes on to the next file, when all of this one is durable and the next one is there.
    private func switchFile() {
        isWaitingForFile = true
        prepareNextFile()
        guard preparation == .ready, groupCommit.isIdle else { return }
        let header: LogWrite
        if case .refused(let before) = fileSwitch {
            header = before
        } else {
            header = log.beginFile(manifest.databaseID)
        }
        fileSwitch = .running(header)
        actions.append(.beginLogFile(header))
    }

    func didBeginLogFile(_ outcome: DiskOutcome) {
        guard phase == .running || phase == .closing,
            case .running(let header) = fileSwitch
        else { return }
        switch outcome {
        case .success:
            fileSwitch = .none
            preparation = .none
            isWaitingForFile = false
            liveFiles.append(LiveLogFile(name: log.file, chain: log.chain))
            prepareNextFile()
        case .failure(let error):
            guard error.isDiskFull, !error.isSyncFailure else { return poison() }
            fileSwitch = .refused(header)
            failWaitingBatches(error)
        }
    }

    /// Has the next file made before it is needed.
    private func prepareNextFile() {
        guard preparation == .none, phase == .running || isWaitingForFile else { return }
        preparation = .running
        actions.append(.prepareLogFile(log.file.next, byteCount: limits.logFileBytes))
    }

    func didPrepareLogFile(_ outcome: DiskOutcome) {
        guard phase == .running || phase == .closing else { return }
        switch outcome {
        case .success: preparation = .ready
        case .failure(let error):
            guard error.isDiskFull || !error.isSyncFailure else { return poison() }
            preparation = .none
            failWaitingBatches(error)
        }
    }

    /// The next file could not be made: the batches that need it are refused, up to the next
    /// change of tables. The next batch tries again.
    private func failWaitingBatches(_ error: StorageError) {
        guard isWaitingForFile else { return }
        isWaitingForFile = false
        while case .batch(let request)? = nextRequest {
            dropRequest()
            actions.append(.completeBatch(request.completion, .failure(error)))
        }
    }
}

extension StoreCore.FileSwitch {
    /// Whether no header is being written.
    var isIdle: Bool {
        if case .running = self { false } else { true }
    }
}
