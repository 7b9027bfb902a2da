internal import Glibc

/// A pthread mutex. `Synchronization.Mutex` gives false races under the thread sanitizer on Linux.
///
/// Source: decision 9 of the design.
@usableFromInline
package final class Lock: @unchecked Sendable {
    // SAFETY: the mutex is initialised once, never moved, and destroyed with its owner.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        invariant(pthread_mutex_init(mutex, nil) == 0, "a mutex can be made")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Waits until nobody holds the lock, and takes it.
    @usableFromInline
    package func lock() {
        invariant(pthread_mutex_lock(mutex) == 0, "a mutex can be taken")
    }

    /// Gives the lock up; only its holder may.
    @usableFromInline
    package func unlock() {
        invariant(pthread_mutex_unlock(mutex) == 0, "a mutex can be released by its holder")
    }

    /// Runs `body` while holding the lock.
    @inlinable
    package func withLock<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }

    /// For `Condition`, which waits on it.
    var handle: UnsafeMutablePointer<pthread_mutex_t> { mutex }
}
