internal import StoaBase

/// What all bulk loads of a store share: how many of them have a thread that encodes, and how many
/// wait for memory.
package final class LoadPlaces: @unchecked Sendable {
    // SAFETY: both counts are touched only while `lock` is held.
    private let lock = Lock()
    private let changed: Condition
    private var freeCount: Int
    private var waitingCount = 0

    package init(threadCount: Int) {
        freeCount = threadCount
        changed = Condition(guardedBy: lock)
    }

    /// Whether a load waits for memory now.
    package var isShortOfMemory: Bool { lock.withLock { waitingCount > 0 } }

    /// Whether there was a place for a thread.
    func take() -> Bool {
        lock.withLock {
            guard freeCount > 0 else { return false }
            freeCount -= 1
            return true
        }
    }

    func giveBack() { lock.withLock { freeCount += 1 } }

    /// Lets a load wait a moment for others to give memory back.
    func waitForMemory(nanoseconds: Int64) {
        lock.withLock {
            waitingCount += 1
            _ = changed.wait(nanoseconds: nanoseconds)
            waitingCount -= 1
        }
    }
}
