package import StoaBase

/// Raw memory that doubles, counted in a budget before it is taken.
@usableFromInline
package struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    /// The elements; up to `capacity` of them may be written.
    @usableFromInline package internal(set) var base: UnsafeMutablePointer<Element>
    package private(set) var capacity: Int
    private let budget: MemoryBudget

    /// An empty buffer; nothing is taken before the first `reserve`.
    package init(budget: MemoryBudget) {
        base = .allocate(capacity: 0)
        capacity = 0
        self.budget = budget
    }

    /// Makes room for `count` elements; the first `used` are kept.
    package mutating func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        guard count > capacity else { return }
        let newCapacity = max(count, capacity * 2, 64)
        try budget.reserve(newCapacity * MemoryLayout<Element>.stride)
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        grown.update(from: base, count: used)
        base.deallocate()
        budget.release(capacity * MemoryLayout<Element>.stride)
        base = grown
        capacity = newCapacity
    }

    deinit {
        base.deallocate()
        budget.release(capacity * MemoryLayout<Element>.stride)
    }
}
