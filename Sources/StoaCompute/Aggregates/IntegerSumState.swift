package import StoaBase

/// The exact sums and counts of integers or unscaled decimals; of `sum` and of `avg`.
///
/// Numbers of 64 bits go into one 128-bit sum, which 2^63 rows cannot overflow. Numbers of 128
/// bits are cut at bit 64 and their halves summed apart, so that no partial sum can overflow
/// either: whether a sum passes 38 digits never depends on the order of its rows.
package final class IntegerSumState: AggregateState {
    private var sums: GrowingBuffer<Int128>
    private var upperSums: GrowingBuffer<Int128>
    private var counts: GrowingBuffer<Int64>
    private let isWide: Bool

    /// - Parameter isWide: Whether numbers of 128 bits may come.
    package init(isWide: Bool, budget: MemoryBudget) {
        self.isWide = isWide
        sums = GrowingBuffer(budget: budget)
        upperSums = GrowingBuffer(budget: budget)
        counts = GrowingBuffer(budget: budget)
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try sums.reserve(count, used: used)
        try counts.reserve(count, used: used)
        if isWide { try upperSums.reserve(count, used: used) }
    }

    override func initialize(_ groups: Range<Int>) {
        let first = groups.lowerBound
        (sums.base + first).update(repeating: 0, count: groups.count)
        (counts.base + first).update(repeating: 0, count: groups.count)
        if isWide { (upperSums.base + first).update(repeating: 0, count: groups.count) }
    }

    /// Adds the sum of `count` rows to one group.
    package func add(sum: Int128, count: Int, to group: Int) {
        sums.base[group] &+= sum
        counts.base[group] &+= Int64(count)
    }

    /// Adds one number to one group.
    package func add(one value: Int128, to group: Int) {
        if isWide {
            upperSums.base[group] &+= value &>> 64
            sums.base[group] &+= value & 0xFFFF_FFFF_FFFF_FFFF
        } else {
            sums.base[group] &+= value
        }
        counts.base[group] &+= 1
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ values: UnsafePointer<Int64>, isUnsigned: Bool, validity: UnsafePointer<UInt64>?,
        rows: GroupedRows
    ) {
        let sums = sums.base
        let counts = counts.base
        if isUnsigned {
            rows.forEach(validity) { row, group in
                sums[group] &+= Int128(UInt64(bitPattern: values[row]))
                counts[group] &+= 1
            }
        } else {
            rows.forEach(validity) { row, group in
                sums[group] &+= Int128(values[row])
                counts[group] &+= 1
            }
        }
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        wide values: UnsafePointer<Int128>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) {
        invariant(isWide, "the state was made for wide numbers")
        let sums = sums.base
        let upperSums = upperSums.base
        let counts = counts.base
        rows.forEach(validity) { row, group in
            let value = values[row]
            upperSums[group] &+= value &>> 64
            sums[group] &+= value & 0xFFFF_FFFF_FFFF_FFFF
            counts[group] &+= 1
        }
    }

    /// Adds all selected rows to one group.
    package func add(
        wide values: UnsafePointer<Int128>, mask: UnsafePointer<UInt64>, rowCount: Int,
        to group: Int
    ) {
        invariant(isWide, "the state was made for wide numbers")
        for row in 0..<rowCount where MaskWords.isSet(mask, row) {
            upperSums.base[group] &+= values[row] &>> 64
            sums.base[group] &+= values[row] & 0xFFFF_FFFF_FFFF_FFFF
            counts.base[group] &+= 1
        }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? IntegerSumState else { return }
        let (sums, counts, upperSums) = (sums.base, counts.base, upperSums.base)
        let otherSums = other.sums.base
        let otherCounts = other.counts.base
        let otherUpperSums = other.upperSums.base
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            sums[target] &+= otherSums[source]
            counts[target] &+= otherCounts[source]
            if isWide { upperSums[target] &+= otherUpperSums[source] }
        }
    }

    /// Rows summed.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { counts.base[group] }

    /// The sum; nil when it passes 38 digits.
    package func sum(_ group: Int) -> Int128? {
        var total = sums.base[group]
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
