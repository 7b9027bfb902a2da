package import StoaBase
package import StoaModel

/// The exact sums and counts of integers or unscaled decimals; of `sum` and of `avg`.
///
/// A sum stands in two parts. Batches whose bounds prove that no group's 64-bit part can overflow
/// go into that part; before it could, all are moved into the 128-bit part, which 2^63 rows of 64
/// bits cannot overflow. Numbers of 128 bits are cut at bit 64 and their halves summed apart, so
/// that no partial sum can overflow either: whether a sum passes 38 digits never depends on the
/// order of its rows.
package final class IntegerSumState: AggregateState {
    private var narrow: GrowingBuffer<Int64>
    private var sums: GrowingBuffer<Int128>
    private var upperSums: GrowingBuffer<Int128>
    private let values: ValueTally
    private var rows: GroupTally?
    private let isWide: Bool
    /// No 64-bit part is further from 0.
    private var narrowBound: UInt64 = 0
    /// Whether there is a 128-bit part at all.
    private var hasSums: Bool
    /// A batch that takes more than this of the 64-bit part goes into the 128-bit part.
    private static let batchLimit = UInt128(1) << 58

    /// - Parameter isWide: Whether numbers of 128 bits may come.
    package init(isWide: Bool, budget: MemoryBudget) {
        self.isWide = isWide
        hasSums = isWide
        narrow = GrowingBuffer(budget: budget)
        sums = GrowingBuffer(budget: budget)
        upperSums = GrowingBuffer(budget: budget)
        values = ValueTally(budget: budget)
        super.init(budget: budget)
    }

    /// Takes the groups' rows from `tally`.
    package func share(_ tally: GroupTally) {
        rows = tally
        values.share(tally)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try narrow.reserve(count, used: used)
        if hasSums { try sums.reserve(count, used: used) }
        if isWide { try upperSums.reserve(count, used: used) }
        try values.grow(to: count)
    }

    override func initialize(_ groups: Range<Int>) {
        let first = groups.lowerBound
        (narrow.base + first).update(repeating: 0, count: groups.count)
        if hasSums { (sums.base + first).update(repeating: 0, count: groups.count) }
        if isWide { (upperSums.base + first).update(repeating: 0, count: groups.count) }
    }

    package override var canClear: Bool { true }
    override func forget() {
        values.clear()
        narrowBound = 0
    }

    private func beginSums() throws(MemoryLimitReached) {
        guard !hasSums else { return }
        try sums.reserve(max(1, groupCount), used: 0)
        sums.base.update(repeating: 0, count: groupCount)
        hasSums = true
    }

    /// Empties the 64-bit parts into the 128-bit ones.
    private func spill() throws(MemoryLimitReached) {
        try beginSums()
        let (narrow, sums) = (narrow.base, sums.base)
        for group in 0..<groupCount {
            sums[group] &+= Int128(narrow[group])
            narrow[group] = 0
        }
        narrowBound = 0
    }

    /// Makes room in the 64-bit parts for what no group gets more of; false when it is too much.
    private func admit(_ bound: UInt128) throws(MemoryLimitReached) -> Bool {
        guard bound <= Self.batchLimit else { return false }
        if narrowBound + UInt64(bound) > UInt64(Int64.max) { try spill() }
        narrowBound += UInt64(bound)
        return true
    }

    /// Adds the sum of `count` rows to one group.
    package func add(
        sum: Int128, count: Int, to group: Int
    ) throws(MemoryLimitReached) {
        try beginSums()
        sums.base[group] &+= sum
        values.add(count, to: group)
    }

    /// Adds one number to one group.
    package func add(one value: Int128, to group: Int) throws(MemoryLimitReached) {
        try beginSums()
        if isWide {
            upperSums.base[group] &+= value &>> 64
            sums.base[group] &+= value & 0xFFFF_FFFF_FFFF_FFFF
        } else {
            sums.base[group] &+= value
        }
        values.add(1, to: group)
    }

    /// Adds rows to their groups; null ones are skipped.
    ///
    /// - Parameter bounds: What all numbers that are not null lie in.
    package func add(
        _ source: Vector.Integers, bounds: ClosedRange<Int128>, isUnsigned: Bool,
        validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        guard rows.count > 0 else { return }
        provesRows = bounds.lowerBound > 0 && validity == nil
        // From the first NULL on it is kept who has a value, and that begins with who has rows.
        if validity != nil, values.awaitsNulls, let tally = self.rows, !tally.isCounting {
            markGroups(in: tally)
        }
        try values.add(rows, validity: validity)
        let magnitude = max(bounds.lowerBound.magnitude, bounds.upperBound.magnitude)
        let (bound, overflow) = magnitude.multipliedReportingOverflow(by: UInt128(rows.count))
        if !overflow, try admit(bound) {
            addNarrow(source, validity, rows)
            return
        }
        try beginSums()
        let sums = sums.base
        if isUnsigned {
            GroupLanes.forEach(source, validity, rows) { value, group in
                sums[group] &+= Int128(UInt64(bitPattern: value))
            }
        } else {
            GroupLanes.forEach(source, validity, rows) { value, group in
                sums[group] &+= Int128(value)
            }
        }
    }

    private func addNarrow(
        _ source: Vector.Integers, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) {
        let sums = narrow.base
        if validity == nil {
            if rows.isOneGroup, rows.isWhole {
                sums[Int(rows.groups[0])] &+= GroupLanes.sum(source, rowCount: rows.count)
                return
            }
            if groupCount <= Replicas.groupCountLimit {
                let counts = GroupLanes.counts(source.lane) ? values.claimCounts() : nil
                GroupLanes.addReplicated(
                    source, rows, groupCount: groupCount, to: sums, counts: counts)
                return
            }
        }
        GroupLanes.forEach(source, validity, rows) { value, group in sums[group] &+= value }
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        wide input: UnsafePointer<Int128>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        invariant(isWide, "the state was made for wide numbers")
        provesRows = false
        try values.add(rows, validity: validity)
        let sums = sums.base
        let upperSums = upperSums.base
        rows.forEach(validity) { row, group in
            let value = input[row]
            upperSums[group] &+= value &>> 64
            sums[group] &+= value & 0xFFFF_FFFF_FFFF_FFFF
        }
    }

    /// Adds all selected rows to one group.
    package func add(
        wide input: UnsafePointer<Int128>, mask: UnsafePointer<UInt64>, rowCount: Int,
        to group: Int
    ) {
        invariant(isWide, "the state was made for wide numbers")
        for row in 0..<rowCount where MaskWords.isSet(mask, row) {
            upperSums.base[group] &+= input[row] &>> 64
            sums.base[group] &+= input[row] & 0xFFFF_FFFF_FFFF_FFFF
            values.add(1, to: group)
        }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? IntegerSumState else { return }
        // Others may merge from the same state at once: it is only read.
        let isNarrow = try admit(UInt128(other.narrowBound))
        if !isNarrow || other.hasSums { try beginSums() }
        let (narrow, sums, others) = (narrow.base, sums.base, other.narrow.base)
        if isNarrow {
            pairs.forEach { source, target in narrow[target] &+= others[source] }
        } else {
            pairs.forEach { source, target in sums[target] &+= Int128(others[source]) }
        }
        if other.hasSums {
            let others = other.sums.base
            pairs.forEach { source, target in sums[target] &+= others[source] }
        }
        if isWide {
            let (upperSums, others) = (upperSums.base, other.upperSums.base)
            pairs.forEach { source, target in upperSums[target] &+= others[source] }
        }
        try values.merge(other.values, pairs)
    }

    /// Whether the batch added last leaves every group that it has rows of with a sum that only
    /// numbers below 0 can bring back to 0: `markGroups` then tells who has rows.
    package private(set) var provesRows = false

    /// Marks the groups whose sum is not 0.
    package func markGroups(in tally: GroupTally) {
        let narrow = narrow.base
        tally.mark { narrow[$0] != 0 }
        guard hasSums else { return }
        let sums = sums.base
        tally.mark { sums[$0] != 0 }
    }

    /// Rows summed.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { values.count(group) }

    /// Whether any row was summed.
    @inline(__always)
    package func hasValue(_ group: Int) -> Bool { values.hasValue(group) }

    /// Which groups have a sum; nil when all have.
    package func validity(
        _ groups: UnsafePointer<UInt32>, count: Int, into mask: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64>? {
        values.validity(groups, count: count, into: mask)
    }

    /// Writes the sums of groups, if all of them have 64 bits; false when some may have more.
    package func writeNarrow(
        _ groups: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<Int64>
    ) -> Bool {
        guard !hasSums else { return false }
        let narrow = narrow.base
        for index in 0..<count { out[index] = narrow[Int(groups[index])] }
        return true
    }

    /// Writes the sums of groups of which none passes 38 digits; false when one may.
    package func writeWhole(
        _ groups: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<Int128>
    ) -> Bool {
        guard hasSums else { return false }
        if isWide {
            let upperSums = upperSums.base
            for index in 0..<count where upperSums[Int(groups[index])] != 0 { return false }
        }
        let (narrow, sums) = (narrow.base, sums.base)
        var largest: UInt128 = 0
        for index in 0..<count {
            let group = Int(groups[index])
            let sum = sums[group] &+ Int128(narrow[group])
            out[index] = sum
            largest |= sum.magnitude
        }
        // Below the greatest power of two under the limit.
        return largest < 1 << 126
    }

    /// The sum; nil when it passes 38 digits.
    @inline(__always)
    package func sum(_ group: Int) -> Int128? {
        guard hasSums else { return Int128(narrow.base[group]) }
        return wholeSum(group)
    }

    private func wholeSum(_ group: Int) -> Int128? {
        var total = sums.base[group] &+ Int128(narrow.base[group])
        if isWide {
            // total = upper × 2^64 + lower; the carry of the lower half goes up first.
            let upper = upperSums.base[group] + total >> 64
            let lower = total & 0xFFFF_FFFF_FFFF_FFFF
            guard upper >= Int128(Int64.min), upper <= Int128(Int64.max) else { return nil }
            total = upper << 64 | lower
        }
        return total.magnitude < Self.limit ? total : nil
    }

    private static let limit = UInt128(100_000_000_000_000_000_000_000_000_000_000_000_000)
}
