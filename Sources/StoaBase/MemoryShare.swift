/// Bytes of one owner that are counted in a budget as long as this object lives.
package final class MemoryShare: @unchecked Sendable {
    // SAFETY: `byteCount` is touched by the one thread that calls `set` or `grow`, and at the end.
    private let budget: MemoryBudget
    private var byteCount = 0

    package init(of budget: MemoryBudget) { self.budget = budget }

    /// The owner holds so many bytes now. They are there already, so this may pass the limit.
    package func set(_ byteCount: Int) {
        invariant(byteCount >= 0, "nobody holds less than nothing")
        if byteCount > self.byteCount {
            budget.take(byteCount - self.byteCount)
        } else if byteCount < self.byteCount {
            budget.release(self.byteCount - byteCount)
        }
        self.byteCount = byteCount
    }

    /// The owner is about to hold `byteCount` bytes more.
    ///
    /// - Throws: `MemoryLimitReached`; it may not, then.
    package func grow(by byteCount: Int) throws(MemoryLimitReached) {
        try budget.reserve(byteCount)
        self.byteCount += byteCount
    }

    /// The owner gives back some of what it holds.
    package func shrink(by byteCount: Int) {
        invariant(byteCount <= self.byteCount, "no more is given back than is held")
        budget.release(byteCount)
        self.byteCount -= byteCount
    }

    deinit { budget.release(byteCount) }
}
