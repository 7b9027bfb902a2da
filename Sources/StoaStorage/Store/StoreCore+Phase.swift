internal import StoaBase
internal import StoaModel

/// What is seen, and how it ends.
extension StoreCore {
    var snapshot: Snapshot {
        Snapshot(generation: visibleLSN, catalog: catalog, tables: tableStates)
    }

    func publish() { actions.append(.publish(snapshot)) }

    /// Makes the part of snapshots that only table changes touch.
    func rebuild(_ id: TableID, _ table: LiveTable) {
        let known = tableStates[id]
        let isSame =
            known?.definition == table.definition
            && known?.segments.segments.count == table.segments.count
        let segments = isSame ? known?.segments : nil
        tableStates[id] = TableState(
            definition: table.definition,
            segments: segments ?? SegmentSet(table.segments, definition: table.definition),
            memtables: table.memtables)
    }

    func rebuildCatalog() { catalog = Catalog(tables: tables.values.map(\.definition)) }

    // MARK: Markers

    /// After a silence, writes down that everything is durable, so that damage of the last
    /// records cannot be taken for a torn tail.
    func pumpMarker() {
        guard phase == .running, canMark, log.chain.lsn > markedLSN,
            now.monotonicNanoseconds - lastActivity >= Self.idleNanoseconds
        else { return }
        mark(.idle)
    }

    var canMark: Bool {
        groupCommit.isIdle && !isWriting && fileSwitch == .none && !log.isFileClosed
            && log.groupByteCount == 0
    }

    private func mark(_ type: LogRecordType) {
        markedLSN = log.chain.lsn
        markerInGroup = type
        log.appendMarker(type, time: now.wallMicroseconds)
        isWriting = true
        actions.append(.writeLog(log.takeGroup()))
    }

    // MARK: End

    func beginClose(_ completion: @escaping @Sendable (StorageError?) -> Void) {
        switch phase {
        case .closed: actions.append(.complete(completion, nil))
        case .poisoned:
            phase = .closed
            actions.append(.complete(completion, .logPoisoned))
            actions.append(.finish)
        case .running, .closing:
            phase = .closing
            closeWaiters.append(completion)
        }
    }

    /// When all that was taken in is done, writes the marker of an orderly end and a manifest that
    /// knows the last batch, and ends.
    ///
    /// Without that manifest nothing outside the newest log file would know what it held.
    func pumpClose() {
        guard phase == .closing, nextRequest == nil, inFlight.isEmpty, group.isEmpty,
            groupCommit.isIdle, !isWriting, fileSwitch.isIdle, commit == nil, seal == nil,
            sealed.isEmpty, sealWaiters.isEmpty
        else { return }
        if canMark, !isCloseMarked {
            isCloseMarked = true
            return mark(.close)
        }
        if !isCloseCommitted, manifest.log.durableLSN < log.durableLSN {
            isCloseCommitted = true
            return start(manifest, .close, keepingLogOf: nil)
        }
        phase = .closed
        for completion in closeWaiters { actions.append(.complete(completion, nil)) }
        closeWaiters = []
        actions.append(.finish)
    }

    /// The disk can no longer be trusted: nothing is acknowledged until a restart has read it.
    func poison() {
        guard phase == .running || phase == .closing else { return }
        let wasClosing = phase == .closing
        phase = .poisoned
        groupCommit.poison()
        for entry in inFlight + group {
            actions.append(
                .completeBatch(
                    entry.request.completion, .failure(.durabilityUnknown)))
        }
        (inFlight, group) = ([], [])
        if case .change(_, let completion, _)? = commit?.effect {
            dropRequest()
            actions.append(.completeChange(completion, .failure(.durabilityUnknown)))
        }
        commit = nil
        failQueuedRequests()
        failSealWaiters(.logPoisoned)
        guard wasClosing else { return }
        phase = .closed
        for completion in closeWaiters { actions.append(.complete(completion, .logPoisoned)) }
        closeWaiters = []
        actions.append(.finish)
    }

    private func failQueuedRequests() {
        while let request = nextRequest {
            dropRequest()
            switch request {
            case .batch(let batch):
                actions.append(.completeBatch(batch.completion, .failure(.logPoisoned)))
            case .change(_, let completion):
                actions.append(.completeChange(completion, .failure(.logPoisoned)))
            case .sealAll(let completion): actions.append(.complete(completion, .logPoisoned))
            }
        }
    }
}
