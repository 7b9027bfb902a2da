internal import StoaBase
internal import StoaDisk

/// Encodes the memtables of a bulk load one after the other, on a thread of its own or, when there
/// are enough of those, on the caller's.
final class BulkEncoder: @unchecked Sendable {
    // SAFETY: everything that changes is touched only while `lock` is held; `written` is also
    // touched by the one thread that encodes, but never while another does.
    private let disk: any Disk
    private let options: SegmentBuilder.Options
    private let nextSegmentID: @Sendable () -> UInt64
    private let isConcurrent: Bool
    private let lock = Lock()
    private let changed: Condition
    private var thread: Thread?
    private let places: LoadPlaces?
    private var waiting: Memtable?
    private var isEncoding = false
    private var isStopped = false
    private var failure: StorageError?
    private var ids: [UInt64] = []
    private var descriptors: [SegmentDescriptor] = []

    init(
        disk: any Disk, options: SegmentBuilder.Options, isConcurrent: Bool,
        places: LoadPlaces?, nextSegmentID: @escaping @Sendable () -> UInt64
    ) {
        self.disk = disk
        self.options = options
        self.isConcurrent = isConcurrent
        self.places = places
        self.nextSegmentID = nextSegmentID
        changed = Condition(guardedBy: lock)
    }

    /// Takes a memtable that no longer grows; waits until the one before is written, so that two
    /// are in memory at most: that one, and the one that fills meanwhile.
    func encode(_ memtable: Memtable) throws(StorageError) {
        guard isConcurrent, startThread() else { return try write(memtable) }
        let failure = lock.withLock { () -> StorageError? in
            while waiting != nil || isEncoding, self.failure == nil { changed.wait() }
            if self.failure == nil {
                waiting = memtable
                changed.broadcast()
            }
            return self.failure
        }
        if let failure { throw failure }
    }

    /// Whether there is a thread for this load.
    private func startThread() -> Bool {
        lock.withLock {
            if thread != nil { return true }
            guard places?.take() ?? true else { return false }
            thread = Thread.ifPossible(name: "bulk-encode") { [self] in run() }
            if thread == nil { places?.giveBack() }
            return thread != nil
        }
    }

    /// Waits until everything handed over is written.
    func settle() {
        lock.withLock { while waiting != nil || isEncoding { changed.wait() } }
    }

    func checkFailure() throws(StorageError) {
        if let failure = lock.withLock({ failure }) { throw failure }
    }

    /// Waits for everything to be written and publishes it.
    func finish() throws(StorageError) -> [SegmentDescriptor] {
        drain()
        try checkFailure()
        guard !descriptors.isEmpty else { return [] }
        try SegmentBuilder.publish(descriptors, disk: disk)
        return descriptors
    }

    /// Ends the thread and removes all files.
    func abort() {
        lock.withLock { waiting = nil }
        stop()
        drain()
        SegmentBuilder.discard(ids, disk: disk)
        ids = []
    }

    /// Lets the thread end once it has nothing left to do.
    func stop() {
        lock.withLock {
            isStopped = true
            changed.broadcast()
        }
    }

    /// Waits until nothing waits and nothing is encoded, and ends the thread.
    private func drain() {
        let ended = lock.withLock { () -> Thread? in
            while waiting != nil || isEncoding { changed.wait() }
            isStopped = true
            changed.broadcast()
            defer { thread = nil }
            return thread
        }
        guard let ended else { return }
        ended.join()
        places?.giveBack()
    }

    private func run() {
        while let memtable = take() {
            do throws(StorageError) {
                try write(memtable)
            } catch {
                lock.withLock {
                    failure = error
                    waiting = nil
                }
            }
            lock.withLock {
                isEncoding = false
                changed.broadcast()
            }
        }
    }

    private func take() -> Memtable? {
        lock.withLock { () -> Memtable? in
            while waiting == nil, !isStopped { changed.wait() }
            guard let memtable = waiting else { return nil }
            waiting = nil
            isEncoding = true
            changed.broadcast()
            return memtable
        }
    }

    private func write(_ memtable: Memtable) throws(StorageError) {
        let rows = 0..<memtable.rowCount
        let limits = options.limits
        for range in SegmentBuilder.segmentRanges(memtable, rows: rows, limits: limits) {
            let id = nextSegmentID()
            lock.withLock { ids.append(id) }
            // The load's number is not known before its commit, so the file has none.
            let descriptor = try SegmentBuilder.writeTemporary(
                MemtableRows(memtable, range: range), id: id, lsns: (0, 0), disk: disk,
                options: options)
            lock.withLock { descriptors.append(descriptor) }
        }
    }
}
