package import StoaBase
package import StoaModel

/// `min` or `max` of 64-bit signed numbers: integers, times, bools, and the order keys of floats
/// and of UINT64.
package final class ExtremeState: AggregateState {
    private var values: GrowingBuffer<Int64>
    private let tally: ValueTally
    private let isMax: Bool

    package init(isMax: Bool, budget: MemoryBudget) {
        self.isMax = isMax
        values = GrowingBuffer(budget: budget)
        tally = ValueTally(budget: budget)
        super.init(budget: budget)
    }

    /// Takes the groups' rows from `tally`.
    package func share(_ tally: GroupTally) { self.tally.share(tally) }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try values.reserve(count, used: used)
        try tally.grow(to: count)
    }

    package override var canClear: Bool { true }
    override func forget() { tally.clear() }

    override func initialize(_ groups: Range<Int>) {
        (values.base + groups.lowerBound).update(
            repeating: isMax ? .min : .max, count: groups.count)
    }

    /// Adds one value, for a whole block's known bounds.
    package func add(_ value: Int64, to group: Int) {
        keep(value, group)
        tally.add(1, to: group)
    }

    @inline(__always)
    private func keep(_ value: Int64, _ group: Int) {
        let current = values.base[group]
        values.base[group] = isMax ? max(current, value) : min(current, value)
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ input: UnsafePointer<Int64>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        guard rows.count > 0 else { return }
        try tally.add(rows, validity: validity)
        let values = values.base
        if rows.isOneGroup, rows.isWhole, validity == nil {
            let bounds = IntegerLanes.bounds(input, rowCount: rows.count)
            keep(isMax ? bounds.upperBound : bounds.lowerBound, Int(rows.groups[0]))
        } else if isMax {
            rows.forEach(validity) { row, group in
                if input[row] > values[group] { values[group] = input[row] }
            }
        } else {
            rows.forEach(validity) { row, group in
                if input[row] < values[group] { values[group] = input[row] }
            }
        }
    }

    /// Adds rows of signed numbers in their narrow lanes to their groups.
    package func add(
        _ source: Vector.Integers, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        try tally.add(rows, validity: validity)
        let values = values.base
        if isMax {
            GroupLanes.forEach(source, validity, rows) { value, group in
                if value > values[group] { values[group] = value }
            }
        } else {
            GroupLanes.forEach(source, validity, rows) { value, group in
                if value < values[group] { values[group] = value }
            }
        }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? ExtremeState else { return }
        for index in 0..<pairs.count {
            let source = Int(pairs.sources[index])
            // Without a value it is the one that loses against every other.
            keep(other.values.base[source], Int(pairs.targets[index]))
        }
        try tally.merge(other.tally, pairs)
    }

    /// Writes the extremes of groups, and which have one; nil when all have.
    package func write(
        _ groups: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<Int64>,
        validity mask: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64>? {
        let values = values.base
        for index in 0..<count { out[index] = values[Int(groups[index])] }
        return tally.validity(groups, count: count, into: mask)
    }

    /// The extreme of a group; nil without rows.
    @inline(__always)
    package func value(_ group: Int) -> Int64? {
        tally.hasValue(group) ? values.base[group] : nil
    }
}

/// `min` or `max` of decimals of more than 18 digits.
package final class WideExtremeState: AggregateState {
    private var values: GrowingBuffer<Int128>
    private var isSeen: GrowingBuffer<UInt8>
    private let isMax: Bool

    package init(isMax: Bool, budget: MemoryBudget) {
        self.isMax = isMax
        values = GrowingBuffer(budget: budget)
        isSeen = GrowingBuffer(budget: budget)
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try values.reserve(count, used: used)
        try isSeen.reserve(count, used: used)
    }

    override func initialize(_ groups: Range<Int>) {
        let first = groups.lowerBound
        (values.base + first).update(repeating: isMax ? .min : .max, count: groups.count)
        (isSeen.base + first).update(repeating: 0, count: groups.count)
    }

    private func add(_ value: Int128, to group: Int) {
        let current = values.base[group]
        values.base[group] = isMax ? max(current, value) : min(current, value)
        isSeen.base[group] = 1
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ input: UnsafePointer<Int128>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) {
        rows.forEach(validity) { row, group in add(input[row], to: group) }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? WideExtremeState else { return }
        for index in 0..<pairs.count {
            let source = Int(pairs.sources[index])
            guard other.isSeen.base[source] != 0 else { continue }
            add(other.values.base[source], to: Int(pairs.targets[index]))
        }
    }

    /// The extreme of a group; nil without rows.
    package func value(_ group: Int) -> Int128? {
        isSeen.base[group] != 0 ? values.base[group] : nil
    }
}
