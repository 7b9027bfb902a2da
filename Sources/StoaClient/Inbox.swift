internal import StoaBase
internal import StoaWire

/// The frames of one request, handed from the event loop to the task that waits for them.
final class Inbox: @unchecked Sendable {
    // SAFETY: every stored variable is touched under `lock` only.
    private typealias Waiter = CheckedContinuation<Frame?, any Error>

    private let lock = Lock()
    private var frames: [Frame] = []
    private var waiters: [(id: Int, continuation: Waiter)] = []
    private var nextWaiterID = 0
    /// Waiters that were cancelled before they waited.
    private var cancelledIDs: Set<Int> = []
    private var end: Ending?

    /// How a request's frames end: after its last frame, or without one.
    private enum Ending {
        case finished
        case failed(ClientError)
    }

    /// One more frame; `isLast` ends the request.
    func received(_ frame: Frame, isLast: Bool) {
        let waiter = lock.withLock { () -> Waiter? in
            if isLast, end == nil { end = .finished }
            if !waiters.isEmpty { return waiters.removeFirst().continuation }
            frames.append(frame)
            return nil
        }
        waiter?.resume(returning: frame)
        if isLast { wakeAll() }
    }

    /// No frame will come any more.
    func failed(_ error: ClientError) {
        lock.withLock { if end == nil { end = .failed(error) } }
        wakeAll()
    }

    /// The next frame; nil after the last.
    func next() async throws -> Frame? {
        let id = lock.withLock {
            nextWaiterID += 1
            return nextWaiterID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                park(continuation, id: id)
            }
        } onCancel: {
            cancelled(id)
        }
    }

    /// A frame that is there already.
    func poll() throws -> Frame? {
        try lock.withLock {
            if !frames.isEmpty { return frames.removeFirst() }
            if case .failed(let error) = end { throw error }
            return nil
        }
    }

    private func park(_ continuation: Waiter, id: Int) {
        let outcome = lock.withLock { () -> Result<Frame?, any Error>? in
            if !frames.isEmpty { return .success(frames.removeFirst()) }
            switch end {
            case .finished: return .success(nil)
            case .failed(let error): return .failure(error)
            case nil: break
            }
            if cancelledIDs.remove(id) != nil { return .failure(CancellationError()) }
            waiters.append((id, continuation))
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    private func cancelled(_ id: Int) {
        let waiter = lock.withLock { () -> Waiter? in
            guard let index = waiters.firstIndex(where: { $0.id == id }) else {
                cancelledIDs.insert(id)
                return nil
            }
            return waiters.remove(at: index).continuation
        }
        waiter?.resume(throwing: CancellationError())
    }

    private func wakeAll() {
        let (all, end) = lock.withLock {
            defer { waiters.removeAll() }
            return (waiters, self.end)
        }
        for (_, continuation) in all {
            if case .failed(let error) = end {
                continuation.resume(throwing: error)
            } else {
                continuation.resume(returning: nil)
            }
        }
    }
}
