internal import StoaBase

/// Work done in order on one thread of its own, which may block.
final class SerialQueue: @unchecked Sendable {
    // SAFETY: the fields are touched only while `lock` is held.
    private let lock = Lock()
    private let hasWork: Condition
    private var pending: [@Sendable () -> Void] = []
    private var isFinished = false

    init(name: String) {
        hasWork = Condition(guardedBy: lock)
        // The thread owns itself: it ends after `finish`, when all is done.
        Thread(name: name) { [self] in run() }.detach()
    }

    /// Adds work; after `finish` it is dropped.
    func submit(_ work: @escaping @Sendable () -> Void) {
        lock.withLock {
            guard !isFinished else { return }
            pending.append(work)
            hasWork.signal()
        }
    }

    /// Lets the thread end once what was submitted is done.
    func finish() {
        lock.withLock {
            isFinished = true
            hasWork.signal()
        }
    }

    private func run() {
        while true {
            let batch = lock.withLock { () -> [@Sendable () -> Void] in
                while pending.isEmpty, !isFinished { hasWork.wait() }
                defer { pending = [] }
                return pending
            }
            if batch.isEmpty { return }
            for work in batch { work() }
        }
    }
}
