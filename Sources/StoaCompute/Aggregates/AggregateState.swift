package import StoaBase

/// Selected rows of a batch with the group of each.
package struct GroupedRows {
    /// Rising.
    package var rows: UnsafePointer<UInt16>
    package var groups: UnsafePointer<UInt32>
    package var count: Int

    package init(
        rows: UnsafePointer<UInt16>, groups: UnsafePointer<UInt32>, count: Int
    ) {
        self.rows = rows
        self.groups = groups
        self.count = count
    }

    /// Calls `body` with each row that is not null and its group.
    @inline(__always)
    func forEach(_ validity: UnsafePointer<UInt64>?, _ body: (_ row: Int, _ group: Int) -> Void) {
        if let validity {
            for index in 0..<count {
                let row = Int(rows[index])
                guard MaskWords.isSet(validity, row) else { continue }
                body(row, Int(groups[index]))
            }
        } else {
            for index in 0..<count { body(Int(rows[index]), Int(groups[index])) }
        }
    }
}

/// Which groups of one table go into which of another, when both are merged.
package struct GroupPairs {
    package var sources: UnsafePointer<UInt32>
    package var targets: UnsafePointer<UInt32>
    package var count: Int

    package init(
        sources: UnsafePointer<UInt32>, targets: UnsafePointer<UInt32>, count: Int
    ) {
        self.sources = sources
        self.targets = targets
        self.count = count
    }
}

/// One aggregate of all groups: arrays by group number. States of the same aggregate merge in
/// any order to the same bits.
package class AggregateState {
    let budget: MemoryBudget
    /// Groups that have a state.
    package private(set) var groupCount = 0

    init(budget: MemoryBudget) { self.budget = budget }

    /// Gives every group below `count` a state.
    package final func grow(to count: Int) throws(MemoryLimitReached) {
        guard count > groupCount else { return }
        try reserve(count, used: groupCount)
        initialize(groupCount..<count)
        groupCount = count
    }

    func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {}
    func initialize(_ groups: Range<Int>) {}

    /// Adds the states of another worker; the targets exist.
    package func merge(_ other: AggregateState, _ pairs: GroupPairs) throws(MemoryLimitReached) {
        invariant(false, "every aggregate can merge")
    }
}

/// `count`: rows, or rows that are not null.
package final class CountState: AggregateState {
    private var counts: GrowingBuffer<Int64>

    package override init(budget: MemoryBudget) {
        counts = GrowingBuffer(budget: budget)
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try counts.reserve(count, used: used)
    }

    override func initialize(_ groups: Range<Int>) {
        (counts.base + groups.lowerBound).update(repeating: 0, count: groups.count)
    }

    /// Adds a number of rows to one group.
    package func add(_ count: Int, to group: Int) { counts.base[group] &+= Int64(count) }

    /// Adds rows to their groups; null ones are skipped.
    package func add(_ rows: GroupedRows, validity: UnsafePointer<UInt64>?) {
        let counts = counts.base
        rows.forEach(validity) { _, group in counts[group] &+= 1 }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? CountState else { return }
        for index in 0..<pairs.count {
            counts.base[Int(pairs.targets[index])] &+= other.counts.base[Int(pairs.sources[index])]
        }
    }

    /// Rows counted for a group.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { counts.base[group] }
}
