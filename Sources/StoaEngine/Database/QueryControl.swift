internal import StoaBase

/// What may be said to a running query from outside: stop, go on. Shared by its handle and its
/// workers.
final class QueryControl: @unchecked Sendable {
    // SAFETY: every field is touched only while `lock` is held.
    private let lock = Lock()
    private var isCancelled = false
    private var credit: Int
    private var wake: (@Sendable () -> Void)?

    init(initialCredit: Int, wake: @escaping @Sendable () -> Void) {
        credit = initialCredit
        self.wake = wake
    }

    func cancel() {
        let wake = lock.withLock { () -> (@Sendable () -> Void)? in
            isCancelled = true
            return self.wake
        }
        wake?()
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

    var isCancelRequested: Bool { lock.withLock { isCancelled } }

    /// Whether a further batch may be sent. The last one may overdraw.
    var hasCredit: Bool { lock.withLock { credit > 0 } }

    func useCredit(_ byteCount: Int) { lock.withLock { credit -= byteCount } }
}
