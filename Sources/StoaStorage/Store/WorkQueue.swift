internal import StoaBase

/// A thread that does one thing after the other.
final class WorkQueue: @unchecked Sendable {
    // SAFETY: `work` and `isEnding` are touched only while `lock` is held; `thread` is written
    // once, before the value is shared.
    private let lock = Lock()
    private let hasWork: Condition
    private var work: [@Sendable () -> Void] = []
    private var isEnding = false
    private var thread: Thread?

    init(name: String) {
        hasWork = Condition(guardedBy: lock)
        thread = Thread(name: name) { [weak self] in self?.run() }
    }

    /// Does `body` after everything that was added before.
    func add(_ body: @escaping @Sendable () -> Void) {
        lock.withLock { work.append(body) }
        hasWork.signal()
    }

    /// Waits until everything added is done, and ends the thread.
    func end() {
        lock.withLock { isEnding = true }
        hasWork.signal()
        thread?.join()
        thread = nil
    }

    private func run() {
        while true {
            let batch = lock.withLock { () -> [@Sendable () -> Void] in
                while work.isEmpty, !isEnding { hasWork.wait() }
                defer { work = [] }
                return work
            }
            if batch.isEmpty { return }
            for body in batch { body() }
        }
    }
}
