/// Bytes that may be allocated for one purpose, counted before they are allocated.
///
/// Budgets form a tree: a query's budget draws on the queries' one, and that on the process's, so
/// one query can neither pass its own limit nor the machine's. A budget may have bytes guaranteed:
/// they are taken from the parent when the budget is made, so that nobody else can have them.
package final class MemoryBudget: Sendable {
    /// The most this budget gives out, in bytes.
    package let byteCountLimit: Int
    /// Bytes that the parent keeps for this budget whether it uses them or not.
    package let guaranteedByteCount: Int
    private let parent: MemoryBudget?
    private let nursery: (budget: MemoryBudget, byteCountLimit: Int)?
    private let state: State
    /// Ends the work that this budget is for: once it is raised nothing more is given out.
    package let stop: StopSignal?

    package init(byteCountLimit: Int, parent: MemoryBudget? = nil, stop: StopSignal? = nil) {
        self.byteCountLimit = byteCountLimit
        self.parent = parent
        self.stop = stop
        guaranteedByteCount = 0
        nursery = nil
        state = State()
    }

    /// A budget that draws on `nursery` as long as it has no more than so many bytes, and on
    /// `parent` with everything from then on.
    package init(
        byteCountLimit: Int, parent: MemoryBudget,
        nursery: (budget: MemoryBudget, byteCountLimit: Int), stop: StopSignal? = nil
    ) {
        self.byteCountLimit = byteCountLimit
        self.parent = parent
        self.nursery = nursery
        self.stop = stop
        guaranteedByteCount = 0
        state = State()
        state.isInNursery = true
    }

    /// A budget with bytes of its own.
    ///
    /// - Throws: `MemoryLimitReached` when the parent cannot guarantee them; nothing is taken then.
    package init(
        byteCountLimit: Int, guaranteed byteCount: Int, parent: MemoryBudget
    ) throws(MemoryLimitReached) {
        invariant(byteCount >= 0, "nobody is guaranteed less than nothing")
        invariant(byteCount <= byteCountLimit, "a budget gives out what it is guaranteed")
        try parent.reserve(byteCount)
        self.byteCountLimit = byteCountLimit
        self.parent = parent
        guaranteedByteCount = byteCount
        nursery = nil
        stop = nil
        state = State()
    }

    deinit { parent?.release(guaranteedByteCount) }

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
        state.lock.lock()
        defer { state.lock.unlock() }
        guard state.reserved <= byteCountLimit - byteCount else {
            throw MemoryLimitReached(byteCountLimit: byteCountLimit)
        }
        // The parent is asked under this lock: what lies above the guarantee has to be one number
        // for both. Locks are taken from child to parent only.
        if !staysInNursery(with: byteCount) {
            do {
                try parent?.reserve(excess(state.reserved + byteCount) - counted)
            } catch {
                state.wasRefusedAbove = true
                throw error
            }
            leaveNursery()
        }
        state.add(byteCount)
    }

    /// Whether a reservation within this budget's limit was refused by one above: what others hold
    /// was in the way.
    package var wasRefusedAbove: Bool { state.lock.withLock { state.wasRefusedAbove } }

    /// Counts bytes that are held already, here and in every budget above. May pass the limit:
    /// then further reservations fail until it is kept again.
    package func take(_ byteCount: Int) {
        invariant(byteCount >= 0, "memory is taken, not given back, by take")
        state.lock.withLock {
            if !staysInNursery(with: byteCount) {
                parent?.take(excess(state.reserved + byteCount) - counted)
                leaveNursery()
            }
            state.add(byteCount)
        }
    }

    /// Whether so many bytes more would keep the limit of this budget and of every one above. Only
    /// a look: another may be faster.
    package func hasRoom(for byteCount: Int) -> Bool {
        state.lock.withLock {
            guard state.reserved <= byteCountLimit - byteCount else { return false }
            if state.isInNursery, let nursery,
                state.reserved + byteCount <= nursery.byteCountLimit,
                nursery.budget.hasRoom(for: byteCount)
            {
                return true
            }
            let added = excess(state.reserved + byteCount) - counted
            return parent?.hasRoom(for: added) ?? true
        }
    }

    /// Gives back bytes taken before.
    package func release(_ byteCount: Int) {
        state.lock.withLock {
            let before = state.reserved
            state.reserved -= byteCount
            invariant(state.reserved >= 0, "no more is given back than was taken")
            if state.isInNursery {
                nursery?.budget.release(byteCount)
            } else {
                parent?.release(excess(before) - excess(state.reserved))
            }
        }
    }

    /// Bytes taken now.
    package var reservedByteCount: Int { state.lock.withLock { state.reserved } }

    /// The most bytes that were taken at once.
    package var peakByteCount: Int { state.lock.withLock { state.peak } }

    /// What of `byteCount` bytes is not covered by the guarantee.
    private func excess(_ byteCount: Int) -> Int { max(0, byteCount - guaranteedByteCount) }

    // MARK: Under the lock

    /// Bytes that the parent counts for this budget, beside the guarantee.
    private var counted: Int { state.isInNursery ? 0 : excess(state.reserved) }

    /// Takes bytes from the nursery, if this budget is there and may stay.
    private func staysInNursery(with byteCount: Int) -> Bool {
        guard state.isInNursery, let nursery,
            state.reserved + byteCount <= nursery.byteCountLimit
        else { return false }
        do {
            try nursery.budget.reserve(byteCount)
            return true
        } catch {
            return false
        }
    }

    /// The parent counts everything from here on.
    private func leaveNursery() {
        guard state.isInNursery else { return }
        state.isInNursery = false
        nursery?.budget.release(state.reserved)
    }

    private final class State: @unchecked Sendable {
        // SAFETY: everything but the lock is touched only while `lock` is held.
        let lock = Lock()
        var isInNursery = false
        var reserved = 0
        var peak = 0
        var wasRefusedAbove = false

        func add(_ byteCount: Int) {
            reserved += byteCount
            peak = max(peak, reserved)
        }
    }
}

/// A reservation would have passed the limit.
package struct MemoryLimitReached: Error, Equatable, Sendable {
    /// The limit that would have been passed, in bytes.
    package var byteCountLimit: Int

    package init(byteCountLimit: Int) { self.byteCountLimit = byteCountLimit }
}
