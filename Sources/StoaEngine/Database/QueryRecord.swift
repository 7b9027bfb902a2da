internal import StoaBase
internal import StoaModel

/// One statement as `system.queries` shows it, while it runs and for a while after.
final class QueryRecord: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held.
    enum State: String {
        case queued, running, finished, failed, cancelled
        /// It found no memory and begins anew when others have given some back.
        case waitingForMemory = "waiting for memory"
    }

    /// What is known at one moment.
    struct Status {
        var state: State
        var elapsedNanoseconds: Int64
        var summary: QuerySummary
        var memoryByteCount: Int
        var peakMemoryByteCount: Int
        var error: ErrorCode?
    }

    /// The most bytes of a text that are kept.
    private static let textLimit = 4_096

    let id: UInt64
    let text: [UInt8]
    let client: String?
    /// Microseconds since 1970 UTC.
    let startMicroseconds: Int64
    let control: QueryControl
    private let startNanoseconds: Int64
    private let lock = Lock()
    private var state = State.running
    private var context: QueryContext?
    private var ended: Status?

    init(id: UInt64, text: [UInt8], client: String?, control: QueryControl) {
        self.id = id
        self.text = text.count > Self.textLimit ? Array(text.prefix(Self.textLimit)) : text
        self.client = client
        self.control = control
        startMicroseconds = HostClock.wallMicroseconds()
        startNanoseconds = HostClock.monotonicNanoseconds()
    }

    /// The statement waits for memory from now on.
    func didMissMemory() {
        lock.withLock {
            state = .waitingForMemory
            context = nil
        }
    }

    func didQueue() { lock.withLock { state = .queued } }

    /// The statement reads blocks from now on.
    func didBegin(_ context: QueryContext) {
        lock.withLock {
            state = .running
            self.context = context
        }
    }

    func didEnd(_ result: Result<QuerySummary, ServiceError>) {
        var status = status
        switch result {
        case .success(let summary):
            status.state = .finished
            status.summary = summary
        case .failure(let error):
            status.state = error.code == .cancelled ? .cancelled : .failed
            status.error = error.code
        }
        status.memoryByteCount = 0
        let final = status
        lock.withLock {
            ended = final
            context = nil
        }
    }

    var status: Status {
        let (ended, state, context) = lock.withLock { (self.ended, self.state, self.context) }
        if let ended { return ended }
        var summary = QuerySummary()
        context?.counters.fill(&summary)
        return Status(
            state: state,
            elapsedNanoseconds: HostClock.monotonicNanoseconds() - startNanoseconds,
            summary: summary, memoryByteCount: context?.budget.reservedByteCount ?? 0,
            peakMemoryByteCount: context?.budget.peakByteCount ?? 0)
    }
}
