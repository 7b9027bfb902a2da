package import StoaBase

/// The exact sums and counts of floats; of `sum` and of `avg`.
package final class FloatSumState: AggregateState {
    private var sums: UnsafeMutablePointer<FloatSum> = .allocate(capacity: 0)
    private var capacity = 0
    private var counts: GrowingBuffer<Int64>
    private let pool = FloatSumPool()
    private var reservedPoolByteCount = 0

    package override init(budget: MemoryBudget) {
        counts = GrowingBuffer(budget: budget)
        super.init(budget: budget)
    }

    deinit {
        sums.deallocate()
        budget.release(capacity * MemoryLayout<FloatSum>.stride + reservedPoolByteCount)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try counts.reserve(count, used: used)
        guard count > capacity else { return }
        let newCapacity = max(count, capacity * 2, 16)
        try budget.reserve(newCapacity * MemoryLayout<FloatSum>.stride)
        let grown = UnsafeMutablePointer<FloatSum>.allocate(capacity: newCapacity)
        grown.update(from: sums, count: used)
        sums.deallocate()
        budget.release(capacity * MemoryLayout<FloatSum>.stride)
        sums = grown
        capacity = newCapacity
    }

    override func initialize(_ groups: Range<Int>) {
        for group in groups {
            sums[group] = FloatSum()
            counts.base[group] = 0
        }
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ values: UnsafePointer<Double>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        let sums = sums
        let counts = counts.base
        let pool = pool
        rows.forEach(validity) { row, group in
            sums[group].add(values[row], pool: pool)
            counts[group] &+= 1
        }
        try countPool()
    }

    /// Adds all selected rows to one group.
    package func add(
        _ values: UnsafePointer<Double>, mask: UnsafePointer<UInt64>, rowCount: Int, to group: Int
    ) throws(MemoryLimitReached) {
        var sum = sums[group]
        var count: Int64 = 0
        for word in 0..<MaskWords.wordCount(rowCount) {
            var bits = mask[word]
            count &+= Int64(bits.nonzeroBitCount)
            while bits != 0 {
                sum.add(values[word &* 64 &+ bits.trailingZeroBitCount], pool: pool)
                bits &= bits &- 1
            }
        }
        sums[group] = sum
        counts.base[group] &+= count
        try countPool()
    }

    private func countPool() throws(MemoryLimitReached) {
        let byteCount = pool.byteCount
        guard byteCount > reservedPoolByteCount else { return }
        try budget.reserve(byteCount - reservedPoolByteCount)
        reservedPoolByteCount = byteCount
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? FloatSumState else { return }
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            sums[target].merge(other.sums[source], from: other.pool, pool: pool)
            counts.base[target] &+= other.counts.base[source]
        }
        try countPool()
    }

    /// Rows summed.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { counts.base[group] }

    /// The exact sum, rounded once.
    package func sum(_ group: Int) -> Double { sums[group].rounded(pool: pool) }

    /// The exact sum divided by the count, rounded once.
    package func average(_ group: Int) -> Double {
        sums[group].rounded(dividedBy: UInt64(counts.base[group]), pool: pool)
    }
}
