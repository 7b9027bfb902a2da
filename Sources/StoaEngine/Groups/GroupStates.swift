internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// What the workers of one aggregation share.
final class Aggregation: Sendable {
    let keys: [BoundExpression]
    let aggregates: [AggregateCall]
    let layout: KeyLayout
    let intern: InternTable
    /// For each aggregate what its states agree on.
    let floatGrids: [FloatGridChoice]

    init(keys: [BoundExpression], aggregates: [AggregateCall], budget: MemoryBudget) {
        self.keys = keys
        self.aggregates = aggregates
        layout = KeyLayout(keys)
        intern = InternTable(budget: budget)
        floatGrids = aggregates.map { _ in FloatGridChoice() }
    }
}

/// A set of groups with the states of all aggregates; of one worker, or of one partition of all.
final class GroupStates: @unchecked Sendable {
    // SAFETY: one worker uses it at a time; phases hand it on through the job's lock.
    let table: GroupTable
    let runners: [AggregateRunner]
    private var firstRows: GrowingBuffer<UInt64>
    private let isGrouped: Bool

    init(
        _ aggregation: Aggregation, compiler: ExpressionCompiler?, budget: MemoryBudget
    ) throws(ServiceError) {
        table = GroupTable(wordCount: aggregation.layout.wordCount, budget: budget)
        isGrouped = !aggregation.keys.isEmpty
        runners = try AggregateRunner.makeAll(aggregation, compiler: compiler, budget: budget)
        firstRows = GrowingBuffer(budget: budget)
    }

    /// Groups; without keys always one.
    var count: Int { isGrouped ? table.count : 1 }

    /// The row in which a group was first seen.
    func firstRow(_ group: Int) -> UInt64 { isGrouped ? firstRows.base[group] : 0 }

    /// Gives every group below `count` its states.
    func grow(to count: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            for runner in runners { try runner.state.grow(to: count) }
            try firstRows.reserve(count, used: min(count, firstRows.capacity))
        }
    }

    /// Notes the first rows of the groups from number `known` on; they stand in row order.
    func noteFirstRows(
        of groups: UnsafePointer<UInt32>, _ rows: UnsafePointer<UInt16>, count: Int,
        from known: Int, firstRow: Int
    ) {
        var next = known
        let firstRows = firstRows.base
        for index in 0..<count where Int(groups[index]) == next {
            firstRows[next] = UInt64(firstRow + Int(rows[index]))
            next += 1
        }
    }

    /// Adds the groups of `other` whose hash falls into a partition, of 2^`partitionBits`.
    func merge(
        _ other: GroupStates, partition: Int, partitionBits: Int
    ) throws(ServiceError) {
        guard isGrouped else { return try mergeUngrouped(other) }
        let step = Limits.batchRows
        let sources = UnsafeMutablePointer<UInt32>.allocate(capacity: step)
        let targets = UnsafeMutablePointer<UInt32>.allocate(capacity: step)
        defer {
            sources.deallocate()
            targets.deallocate()
        }
        var next = 0
        while next < other.count {
            let found = other.table.groups(
                ofPartition: partition, partitionBits: partitionBits, from: next, limit: step,
                into: sources)
            next = found.next
            try merge(other, sources, targets, count: found.count)
        }
    }

    private func merge(
        _ other: GroupStates, _ sources: UnsafeMutablePointer<UInt32>,
        _ targets: UnsafeMutablePointer<UInt32>, count: Int
    ) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in try table.reserve(count) }
        let known = table.count
        table.find(sources, of: other.table, count: count, into: targets)
        try grow(to: table.count)
        let rows = firstRows.base
        let otherRows = other.firstRows.base
        for index in 0..<count {
            let target = Int(targets[index])
            let row = otherRows[Int(sources[index])]
            // Keys of one table are distinct, so a new group has one source here.
            rows[target] = target >= known ? row : min(row, rows[target])
        }
        try mergeStates(other, GroupPairs(sources: sources, targets: targets, count: count))
    }

    private func mergeUngrouped(_ other: GroupStates) throws(ServiceError) {
        try grow(to: 1)
        var zero: [UInt32] = [0]
        try zero.withUnsafeMutableBufferPointer { buffer throws(ServiceError) in
            guard let base = buffer.baseAddress else { return }
            try mergeStates(other, GroupPairs(sources: base, targets: base, count: 1))
        }
    }

    private func mergeStates(_ other: GroupStates, _ pairs: GroupPairs) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            for (runner, otherRunner) in zip(runners, other.runners) {
                try runner.state.merge(otherRunner.state, pairs)
            }
        }
    }
}
