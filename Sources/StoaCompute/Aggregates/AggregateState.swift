package import StoaBase

/// Selected rows of a batch with the group of each.
package struct GroupedRows {
    /// Rising.
    package var rows: UnsafePointer<UInt16>
    package var groups: UnsafePointer<UInt32>
    package var count: Int
    /// Whether the rows are 0, 1, 2 …: kernels need no look at `rows`.
    package var isWhole: Bool
    /// Whether all rows are of the first one's group.
    package var isOneGroup: Bool

    package init(
        rows: UnsafePointer<UInt16>, groups: UnsafePointer<UInt32>, count: Int,
        isWhole: Bool = false, isOneGroup: Bool = false
    ) {
        self.rows = rows
        self.groups = groups
        self.count = count
        self.isWhole = isWhole
        self.isOneGroup = isOneGroup
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
        } else if isWhole {
            for index in 0..<count { body(index, Int(groups[index])) }
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

    /// Calls `body` with the numbers of each pair.
    @inline(__always)
    func forEach(_ body: (_ source: Int, _ target: Int) -> Void) {
        for index in 0..<count { body(Int(sources[index]), Int(targets[index])) }
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

    /// Forgets all groups; the memory stays. False when the state cannot.
    package final func clear() -> Bool {
        guard canClear else { return false }
        forget()
        groupCount = 0
        return true
    }

    /// Whether `clear` can be called.
    package var canClear: Bool { false }
    func forget() {}

    func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {}
    func initialize(_ groups: Range<Int>) {}

    /// Adds the states of another worker; the targets exist.
    package func merge(_ other: AggregateState, _ pairs: GroupPairs) throws(MemoryLimitReached) {
        invariant(false, "every aggregate can merge")
    }
}

/// `count`: rows, or rows that are not null.
package final class CountState: AggregateState {
    private let values: ValueTally

    package override init(budget: MemoryBudget) {
        values = ValueTally(budget: budget)
        super.init(budget: budget)
    }

    /// Takes the groups' rows from `tally`, which counts them.
    package func share(_ tally: GroupTally) { values.share(tally) }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try values.grow(to: count)
    }

    package override var canClear: Bool { true }
    override func forget() { values.clear() }

    /// Adds a number of rows to one group.
    package func add(_ count: Int, to group: Int) { values.add(count, to: group) }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ rows: GroupedRows, validity: UnsafePointer<UInt64>?
    ) throws(MemoryLimitReached) {
        try values.add(rows, validity: validity)
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? CountState else { return }
        try values.merge(other.values, pairs)
    }

    /// Rows counted for a group.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { values.count(group) }

    /// Writes the counts of groups.
    package func write(
        _ groups: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        values.write(groups, count: count, into: out)
    }
}
