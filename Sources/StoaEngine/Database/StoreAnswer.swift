internal import StoaBase
internal import StoaModel
internal import StoaStorage

/// The answer of a statement that the store is at work on: the store's, or that the statement was
/// stopped before. What the store has begun it does to its end.
final class StoreAnswer: @unchecked Sendable {
    // SAFETY: `isSent` is touched only while `lock` is held; the rest never changes.
    private let sink: ResultSink
    private let control: QueryControl
    private let startNanoseconds: Int64
    private let deadline: Int64?
    private let lock = Lock()
    private var isSent = false

    init(sink: ResultSink, control: QueryControl, startNanoseconds: Int64, deadline: Int64?) {
        self.sink = sink
        self.control = control
        self.startNanoseconds = startNanoseconds
        self.deadline = deadline
    }

    /// Whether the caller is the one to answer.
    private func begin() -> Bool {
        let isFirst = lock.withLock {
            defer { isSent = true }
            return !isSent
        }
        if isFirst { control.didEnd() }
        return isFirst
    }

    func send(_ result: Result<(rowCount: Int, generation: UInt64), StorageError>) {
        guard begin() else { return }
        switch result {
        case .success(let done):
            var summary = QuerySummary()
            summary.affectedRowCount = done.rowCount
            summary.generation = done.generation
            summary.elapsedNanoseconds = HostClock.monotonicNanoseconds() - startNanoseconds
            sink.onBatch(RowBatch.encode(TableListing.done()))
            sink.onEnd(.success(summary))
        case .failure(let error): sink.onEnd(.failure(error.serviceError))
        }
    }

    /// Answers a statement whose time is over, or that was stopped.
    func look(at now: Int64) {
        if let deadline, now > deadline { control.stop(.outOfTime) }
        guard var reason = control.reason, begin() else { return }
        reason.hint = "It may still be done: look before you send it again."
        sink.onEnd(.failure(reason))
    }
}
