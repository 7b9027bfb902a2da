internal import StoaBase

/// A thread that runs what it is given, one after the other.
final class WorkQueue: Sendable {
    private let state = State()
    private let thread: StoaBase.Thread

    init(threadName: String) {
        thread = StoaBase.Thread(name: threadName) { [state] in state.run() }
    }

    /// Runs `work` after everything submitted before. Returns at once.
    func submit(_ work: @escaping @Sendable () -> Void) { state.append(work) }

    /// Runs what was submitted, then ends the thread. Nothing may be submitted afterwards.
    func close() {
        state.close()
        thread.join()
    }

    private final class State: @unchecked Sendable {
        // SAFETY: both fields are touched only while `lock` is held.
        private let lock = Lock()
        private let changed: Condition
        private var works: [@Sendable () -> Void] = []
        private var isClosed = false

        init() { changed = Condition(guardedBy: lock) }

        func append(_ work: @escaping @Sendable () -> Void) {
            lock.withLock { works.append(work) }
            changed.signal()
        }

        func close() {
            lock.withLock { isClosed = true }
            changed.signal()
        }

        func run() {
            while let works = next() {
                for work in works { work() }
            }
        }

        /// Everything that waits; nil when the queue is closed and empty.
        private func next() -> [@Sendable () -> Void]? {
            lock.withLock {
                while works.isEmpty {
                    if isClosed { return nil }
                    changed.wait()
                }
                defer { works = [] }
                return works
            }
        }
    }
}
