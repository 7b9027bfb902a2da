internal import StoaBase
internal import StoaDisk

/// The thin shell around the core: carries events in and actions out on four threads. The writer
/// owns the core and writes the log; the others sync it, commit manifests and make segments.
final class StoreThreads: @unchecked Sendable {
    // SAFETY: `events`, `hasEnded` and `writer` are touched only while `lock` is held, `current`
    // only under `snapshotLock`, and `core` only by the writer thread once it runs.
    private let lock = Lock()
    private let hasEvents: Condition
    private let hasEndedSignal: Condition
    private var events: [StoreEvent] = []
    private var hasEnded = false
    private var writer: Thread?
    private let core: StoreCore
    private let snapshotLock = Lock()
    private var current: Snapshot

    let ids: IDAllocator
    let files: StoreFiles
    private let options: StoreOptions
    let observer: StoreObserver
    private let logSync = WorkQueue(name: "stoa-log-sync")
    private let committer = WorkQueue(name: "stoa-commit")
    private let sealer = WorkQueue(name: "stoa-seal")

    init(files: StoreFiles, state: RecoveredState, options: StoreOptions) {
        self.files = files
        self.options = options
        observer = StoreObserver(disk: files.disk, options: options)
        core = StoreCore(state, options: options, now: Self.time(options))
        ids = core.ids
        current = core.initialSnapshot
        hasEvents = Condition(guardedBy: lock)
        hasEndedSignal = Condition(guardedBy: lock)
        let thread = Thread(name: "stoa-writer") { self.run() }
        lock.withLock { writer = thread }
    }

    /// What queries see now.
    var snapshot: Snapshot { snapshotLock.withLock { current } }

    /// Hands an event to the writer; false when the store has ended and nothing will come of it.
    @discardableResult
    func post(_ event: StoreEvent) -> Bool {
        let isTaken = lock.withLock { () -> Bool in
            if hasEnded { return false }
            events.append(event)
            return true
        }
        hasEvents.signal()
        return isTaken
    }

    /// Waits until the core has ended, and lets go of threads and files. Once.
    func join() {
        let thread = lock.withLock { () -> Thread? in
            while !hasEnded { hasEndedSignal.wait() }
            defer { writer = nil }
            return writer
        }
        guard let thread else { return }
        thread.join()
        logSync.end()
        committer.end()
        sealer.end()
        files.close()
    }

    private static func time(_ options: StoreOptions) -> StoreTime {
        StoreTime(
            monotonicNanoseconds: HostClock.monotonicNanoseconds(),
            wallMicroseconds: options.wallClock())
    }

    // MARK: The writer

    private func run() {
        var isRunning = true
        while isRunning {
            let batch = nextEvents()
            core.handle(.tick(Self.time(options)))
            for event in batch { handle(event) }
            core.pump()
            var actions = core.takeActions()
            while !actions.isEmpty {
                for action in actions where !perform(action) { isRunning = false }
                actions = core.takeActions()
            }
            observer.setLog(fileCount: core.liveFiles.count)
        }
        end()
    }

    private func handle(_ event: StoreEvent) {
        core.handle(event)
        observer.didHandle(event, phase: core.phase)
    }

    /// All events at hand; none when it is time to look again.
    private func nextEvents() -> [StoreEvent] {
        lock.lock()
        defer { lock.unlock() }
        while events.isEmpty {
            guard let wake = core.nextWake else {
                hasEvents.wait()
                continue
            }
            let delay = wake - HostClock.monotonicNanoseconds()
            if delay <= 0 || !hasEvents.wait(nanoseconds: delay) { break }
        }
        defer { events = [] }
        return events
    }

    /// Refuses what came too late.
    private func end() {
        let late = lock.withLock { () -> [StoreEvent] in
            hasEnded = true
            defer { events = [] }
            return events
        }
        for event in late { Self.refuse(event) }
        hasEndedSignal.broadcast()
    }

    /// Answers a request that a closed store got.
    static func refuse(_ event: StoreEvent) {
        switch event {
        case .batch(let request): request.completion(.failure(.shuttingDown))
        case .change(_, let completion): completion(.failure(.shuttingDown))
        case .sealAll(let completion): completion(.shuttingDown)
        case .close(let completion): completion(nil)
        case .findLabel(_, _, let answer): answer(false)
        default: return
        }
    }

    /// Carries out one action; false for the last.
    private func perform(_ action: StoreAction) -> Bool {
        observer.willPerform(action)
        switch action {
        case .writeLog(let write):
            handle(.didWriteLog(files.write(write)))
            core.pump()
        case .syncLog(let name):
            logSync.add { self.post(.didSyncLog(self.files.syncLog(name))) }
        case .beginLogFile(let header):
            logSync.add { self.post(.didBeginLogFile(self.files.beginLogFile(header))) }
        case .prepareLogFile(let name, let byteCount):
            committer.add {
                self.post(
                    .didPrepareLogFile(
                        self.files.prepareLogFile(name, byteCount: byteCount)))
            }
        case .seal(let job):
            sealer.add { self.post(.didSeal(job, self.files.seal(job, ids: self.ids))) }
        case .commitManifest(let manifest):
            committer.add { self.post(.didCommitManifest(self.files.commit(manifest))) }
        case .removeFiles(let paths):
            committer.add { self.files.remove(paths) }
        case .restoreReserve:
            committer.add { self.files.restoreReserve() }
        case .publish(let snapshot):
            snapshotLock.withLock { current = snapshot }
        case .completeBatch(let completion, let result): completion(result)
        case .completeChange(let completion, let result): completion(result)
        case .complete(let completion, let error): completion(error)
        case .completeLabel(let completion, let isThere): completion(isThere)
        case .finish: return false
        }
        return true
    }
}
