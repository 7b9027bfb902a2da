internal import StoaBase

/// Work done in order, one piece after the other, on the threads of a pool. A piece may block.
final class SerialQueue: @unchecked Sendable {
    // SAFETY: the fields are touched only while `lock` is held.
    private let lock = Lock()
    private let pool: ThreadPool
    private var pending: [@Sendable () -> Void] = []
    /// Whether the pool has a turn of this queue.
    private var isScheduled = false
    private var isFinished = false

    init(on pool: ThreadPool) { self.pool = pool }

    /// Adds work; after `finish` it is dropped.
    func submit(_ work: @escaping @Sendable () -> Void) {
        let isNew = lock.withLock { () -> Bool in
            guard !isFinished else { return false }
            pending.append(work)
            defer { isScheduled = true }
            return !isScheduled
        }
        if isNew { schedule() }
    }

    /// Takes no more work; what was submitted is done.
    func finish() { lock.withLock { isFinished = true } }

    /// One piece at a time, so that others have their turns.
    private func schedule() {
        pool.submit { [self] in
            let work = lock.withLock { pending.isEmpty ? nil : pending.removeFirst() }
            work?()
            let hasMore = lock.withLock { () -> Bool in
                isScheduled = !pending.isEmpty
                return isScheduled
            }
            if hasMore { schedule() }
        }
    }
}
