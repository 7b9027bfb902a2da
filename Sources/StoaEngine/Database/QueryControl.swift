internal import StoaBase
internal import StoaModel

/// What may be said to a running query from outside: stop, go on. Shared by its handle, its
/// workers and whoever watches the clock.
final class QueryControl: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held, or as they say.
    /// Raised when the query is to end. Inner loops look at it, by `check` or through a budget.
    let stop = StopSignal()
    /// When a long piece last let others pass. Touched only under the pool's lock.
    var lastPauseEnd: Int64 = 0
    private let lock = Lock()
    private var stopReason: ServiceError?
    private var credit: Int
    private var wake: (@Sendable () -> Void)?

    init(initialCredit: Int, wake: @escaping @Sendable () -> Void) {
        credit = initialCredit
        self.wake = wake
    }

    func cancel() { stop(ServiceError(.cancelled, "The query was cancelled.")) }

    /// Lets the query end with `reason`, unless it was stopped for another before.
    func stop(_ reason: ServiceError) {
        let wake = lock.withLock { () -> (@Sendable () -> Void)? in
            stopReason = stopReason ?? reason
            return self.wake
        }
        stop.raise()
        wake?()
    }

    /// Why the query is to end; nil: it goes on.
    var reason: ServiceError? {
        guard stop.isRaised else { return nil }
        return lock.withLock { stopReason }
    }

    /// Throws when the query is to end. Costs one load, so loops may call it for every few rows.
    @inline(__always)
    func check() throws(ServiceError) {
        if stop.isRaised { try throwReason() }
    }

    @inline(never)
    private func throwReason() throws(ServiceError) {
        throw reason ?? ServiceError(.cancelled, "The query was cancelled.")
    }

    func addCredit(_ byteCount: Int) {
        let wake = lock.withLock { () -> (@Sendable () -> Void)? in
            let wasEmpty = credit <= 0
            credit = credit.addingReportingOverflow(max(0, byteCount)).partialValue
            if credit < 0, !wasEmpty { credit = .max }
            return wasEmpty ? self.wake : nil
        }
        wake?()
    }

    /// The query ended; nobody needs to be woken for it again.
    func didEnd() { lock.withLock { wake = nil } }

    /// Whether a further batch may be sent. The last one may overdraw.
    var hasCredit: Bool { lock.withLock { credit > 0 } }

    func useCredit(_ byteCount: Int) { lock.withLock { credit -= byteCount } }
}
