internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// A set of groups with the states of all aggregates; of one worker, or of one partition of all.
///
/// Groups are numbered by a table of their keys, or are the slots of a plan: then every slot has
/// states, and the tally says which have rows.
final class GroupStates: @unchecked Sendable {
    // SAFETY: one worker uses it at a time; phases hand it on through the job's lock.
    let table: GroupTable
    let runners: [AggregateRunner]
    let tally: GroupTally
    private let isGrouped: Bool
    /// Slots of which every one has states; 0 with a table.
    private let slotCount: Int
    /// The sums of slots that nothing else is kept for: most of their batches need no marks.
    private let onlySums: IntegerSumState?
    /// Whether the tally knows all groups that have rows.
    private var isSettled = true

    /// - Parameter calls: The aggregates over what `compiler` reads; nil: over the table.
    init(
        _ aggregation: Aggregation, calls: [AggregateCall]? = nil, compiler: ExpressionCompiler?,
        budget: MemoryBudget
    ) throws(ServiceError) {
        table = GroupTable(
            wordCount: aggregation.wordCount, stringCount: aggregation.stringCount,
            budget: budget)
        isGrouped = !aggregation.keys.isEmpty
        slotCount = aggregation.isDense ? aggregation.slots?.slotCount ?? 0 : 0
        let runners = try AggregateRunner.makeAll(
            aggregation, calls: calls ?? aggregation.aggregates, compiler: compiler,
            budget: budget)
        self.runners = runners
        tally = GroupTally(
            isCounting: runners.contains { $0.needsRowCounts }, budget: budget)
        // Behind a FILTER a sum does not see all rows.
        onlySums =
            slotCount > 0 && runners.count == 1 && !tally.isCounting
            ? (runners[0] as? IntegerSumRunner)?.state as? IntegerSumState : nil
        if isGrouped { for runner in runners { runner.share(tally) } }
        if slotCount > 0 || !isGrouped { try grow(to: max(1, slotCount)) }
    }

    /// Groups that have states; without keys always one.
    var count: Int { isGrouped ? max(slotCount, table.count) : 1 }

    /// Gives every group below `count` its states.
    func grow(to count: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            for runner in runners { try runner.state.grow(to: count) }
            if isGrouped { try tally.grow(to: count) }
        }
    }

    /// Adds rows to groups that have states.
    func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        for runner in runners { try runner.add(frame, rows) }
        if let onlySums, onlySums.provesRows {
            isSettled = false
        } else {
            tally.add(rows)
        }
    }

    /// Makes up for marks that were left out; before groups are listed or merged.
    func settle() {
        if let onlySums, !isSettled { onlySums.markGroups(in: tally) }
        isSettled = true
    }

    /// Forgets all groups and keeps the memory; false when a state cannot.
    func clear() -> Bool {
        guard runners.allSatisfy({ $0.state.canClear }) else { return false }
        for runner in runners { _ = runner.state.clear() }
        tally.clear()
        table.clear()
        return true
    }

    /// Writes up to a batch of groups with rows from `position` on, which moves behind them.
    func nextGroups(
        from position: inout Int, into groups: UnsafeMutablePointer<UInt32>
    ) -> Int {
        invariant(isSettled, "groups are listed when it is known which have rows")
        let end = min(count, position + Limits.batchRows)
        defer { position = end }
        if isGrouped { return tally.groups(in: position..<end, into: groups) }
        for group in position..<end { groups[group - position] = UInt32(group) }
        return end - position
    }

    /// The number that holds all keys of a group as digits.
    @inline(__always)
    func slot(_ group: Int) -> UInt64 { slotCount > 0 ? UInt64(group) : table.key(group)[0] }

    // MARK: Merging

    /// Adds all groups of `other`.
    func merge(_ other: GroupStates) throws(ServiceError) {
        let step = Limits.batchRows
        let sources = UnsafeMutablePointer<UInt32>.allocate(capacity: step)
        let targets = UnsafeMutablePointer<UInt32>.allocate(capacity: step)
        defer {
            sources.deallocate()
            targets.deallocate()
        }
        var next = 0
        while next < other.count {
            let count = other.nextGroups(from: &next, into: sources)
            if isGrouped, slotCount == 0 {
                try merge(other, sources, targets, count: count)
            } else {
                // A slot is the same group everywhere.
                try mergeStates(
                    other, GroupPairs(sources: sources, targets: sources, count: count))
            }
        }
    }

    /// Adds some groups of `other`, by way of two buffers of a batch.
    func merge(
        _ other: GroupStates, groups: [UInt32],
        scratch: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>)
    ) throws(ServiceError) {
        var first = 0
        while first < groups.count {
            let count = min(Limits.batchRows, groups.count - first)
            for index in 0..<count { scratch.0[index] = groups[first + index] }
            try merge(other, scratch.0, scratch.1, count: count)
            first += count
        }
    }

    private func merge(
        _ other: GroupStates, _ sources: UnsafeMutablePointer<UInt32>,
        _ targets: UnsafeMutablePointer<UInt32>, count: Int
    ) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            try table.reserve(count)
            try table.find(sources, of: other.table, count: count, into: targets)
        }
        try grow(to: table.count)
        try mergeStates(other, GroupPairs(sources: sources, targets: targets, count: count))
    }

    private func mergeStates(_ other: GroupStates, _ pairs: GroupPairs) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            for (runner, otherRunner) in zip(runners, other.runners) {
                try runner.state.merge(otherRunner.state, pairs)
            }
        }
        // The aggregates look at the tallies as they were before.
        if isGrouped { tally.merge(other.tally, pairs) }
    }
}
