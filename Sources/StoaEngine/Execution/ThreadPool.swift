internal import StoaBase

/// A few threads that do what they are given in its order; it may block.
final class ThreadPool: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held.
    private let lock = Lock()
    private let changed: Condition
    private var works: [@Sendable () -> Void] = []
    private var isClosed = false
    private var threads: [Thread] = []

    init(name: String, threadCount: Int) {
        changed = Condition(guardedBy: lock)
        let threads = (0..<threadCount).map { number in
            Thread(name: "\(name)-\(number)") { [self] in run() }
        }
        lock.withLock { self.threads = threads }
    }

    /// Adds work; after `close` it is dropped.
    func submit(_ work: @escaping @Sendable () -> Void) {
        lock.withLock { if !isClosed { works.append(work) } }
        changed.signal()
    }

    /// Does what was submitted, and ends the threads.
    func close() {
        let ended = lock.withLock { () -> [Thread] in
            isClosed = true
            defer { threads = [] }
            return threads
        }
        changed.broadcast()
        for thread in ended { thread.join() }
    }

    private func run() {
        while let work = next() { work() }
    }

    /// Waits for work; nil at the end.
    private func next() -> (@Sendable () -> Void)? {
        lock.withLock {
            while works.isEmpty {
                if isClosed { return nil }
                changed.wait()
            }
            return works.removeFirst()
        }
    }
}
