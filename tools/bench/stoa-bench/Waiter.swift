internal import StoaBase
internal import StoaEngine
internal import StoaModel

/// Hands a statement's end from a worker to the thread that waits for it.
final class Waiter: @unchecked Sendable {
    // SAFETY: `result` is touched only while `lock` is held.
    private let lock = Lock()
    private let hasEnded: Condition
    private var result: Result<QuerySummary, ServiceError>?

    init() { hasEnded = Condition(guardedBy: lock) }

    func end(_ result: Result<QuerySummary, ServiceError>) {
        lock.withLock {
            self.result = result
            hasEnded.signal()
        }
    }

    func wait() -> Result<QuerySummary, ServiceError> {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let result { return result }
            hasEnded.wait()
        }
    }
}
