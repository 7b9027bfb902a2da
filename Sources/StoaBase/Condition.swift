internal import Glibc

/// A pthread condition, always used together with one lock.
package final class Condition: @unchecked Sendable {
    // SAFETY: initialised once, never moved, destroyed with its owner.
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let guardedBy: Lock

    package init(guardedBy lock: Lock) {
        guardedBy = lock
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        invariant(pthread_cond_init(condition, &attributes) == 0, "a condition can be made")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Waits until signalled; the caller holds the lock and checks its condition in a loop.
    package func wait() {
        invariant(pthread_cond_wait(condition, guardedBy.handle) == 0, "a condition can be awaited")
    }

    /// Waits until signalled or until `nanoseconds` have passed; false when the time ran out.
    package func wait(nanoseconds: Int64) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let total = Int64(deadline.tv_nsec) + nanoseconds
        deadline.tv_sec += Int(total / 1_000_000_000)
        deadline.tv_nsec = Int(total % 1_000_000_000)
        return pthread_cond_timedwait(condition, guardedBy.handle, &deadline) == 0
    }

    /// Wakes one thread that waits.
    package func signal() { pthread_cond_signal(condition) }

    /// Wakes all threads that wait.
    package func broadcast() { pthread_cond_broadcast(condition) }
}
