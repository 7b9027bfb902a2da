/// Bytes that may be allocated for one purpose, counted before they are allocated.
///
/// Budgets form a tree: a query's budget draws on the process's, so one query can neither pass
/// its own limit nor the machine's.
package final class MemoryBudget: Sendable {
    /// The most this budget gives out, in bytes.
    package let byteCountLimit: Int
    private let parent: MemoryBudget?
    private let state: State
    /// Ends the work that this budget is for: once it is raised nothing more is given out.
    package let stop: StopSignal?

    package init(byteCountLimit: Int, parent: MemoryBudget? = nil, stop: StopSignal? = nil) {
        self.byteCountLimit = byteCountLimit
        self.parent = parent
        self.stop = stop
        state = State()
    }

    /// Throws once the work that this budget is for is to end: for loops that take no memory for
    /// long.
    package func checkStop() throws(MemoryLimitReached) {
        if let stop, stop.isRaised { throw MemoryLimitReached(byteCountLimit: byteCountLimit) }
    }

    /// Takes `byteCount` bytes from this budget and every one above it, or from none.
    ///
    /// - Throws: `MemoryLimitReached`, also when the work is to end; nothing is taken then.
    package func reserve(_ byteCount: Int) throws(MemoryLimitReached) {
        invariant(byteCount >= 0, "memory is taken, not given back, by reserve")
        try checkStop()
        let isWithinLimit = state.lock.withLock {
            guard state.reserved <= byteCountLimit - byteCount else { return false }
            state.reserved += byteCount
            state.peak = max(state.peak, state.reserved)
            return true
        }
        guard isWithinLimit else { throw MemoryLimitReached(byteCountLimit: byteCountLimit) }
        do {
            try parent?.reserve(byteCount)
        } catch {
            state.lock.withLock {
                state.reserved -= byteCount
                state.wasRefusedAbove = true
            }
            throw error
        }
    }

    /// Whether a reservation within this budget's limit was refused by one above: what others hold
    /// was in the way.
    package var wasRefusedAbove: Bool { state.lock.withLock { state.wasRefusedAbove } }

    /// Counts bytes that are held already, here and in every budget above. May pass the limit:
    /// then further reservations fail until it is kept again.
    package func take(_ byteCount: Int) {
        invariant(byteCount >= 0, "memory is taken, not given back, by take")
        state.lock.withLock {
            state.reserved += byteCount
            state.peak = max(state.peak, state.reserved)
        }
        parent?.take(byteCount)
    }

    /// Whether so many bytes more would keep the limit of this budget and of every one above. Only
    /// a look: another may be faster.
    package func hasRoom(for byteCount: Int) -> Bool {
        let fits = state.lock.withLock { state.reserved <= byteCountLimit - byteCount }
        return fits && (parent?.hasRoom(for: byteCount) ?? true)
    }

    /// Gives back bytes taken before.
    package func release(_ byteCount: Int) {
        state.lock.withLock {
            state.reserved -= byteCount
            invariant(state.reserved >= 0, "no more is given back than was taken")
        }
        parent?.release(byteCount)
    }

    /// Bytes taken now.
    package var reservedByteCount: Int { state.lock.withLock { state.reserved } }

    /// The most bytes that were taken at once.
    package var peakByteCount: Int { state.lock.withLock { state.peak } }

    private final class State: @unchecked Sendable {
        // SAFETY: the fields are touched only while `lock` is held.
        let lock = Lock()
        var reserved = 0
        var peak = 0
        var wasRefusedAbove = false
    }
}

/// A reservation would have passed the limit.
package struct MemoryLimitReached: Error, Equatable, Sendable {
    /// The limit that would have been passed, in bytes.
    package var byteCountLimit: Int

    package init(byteCountLimit: Int) { self.byteCountLimit = byteCountLimit }
}
