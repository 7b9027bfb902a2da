package import StoaBase

/// `min` or `max` of strings, bytewise. The best so far is copied when it changes, which a random
/// order does about log n times.
package final class StringExtremeState: AggregateState {
    private struct Best: BitwiseCopyable {
        var address: UInt = 0
        /// Negative: no row yet.
        var byteCount = -1

        var bytes: UnsafeRawBufferPointer {
            // SAFETY: the address was taken from the state's arena, which keeps the bytes.
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
        }
    }

    private var best: GrowingBuffer<Best>
    private let arena: StringArena
    private let isMax: Bool

    package init(isMax: Bool, budget: MemoryBudget) {
        self.isMax = isMax
        best = GrowingBuffer(budget: budget)
        arena = StringArena(budget: budget)
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try best.reserve(count, used: used)
    }

    override func initialize(_ groups: Range<Int>) {
        for group in groups { best.base[group] = Best() }
    }

    private func add(
        _ value: UnsafeRawBufferPointer, to group: Int
    ) throws(MemoryLimitReached) {
        let current = best.base[group]
        if current.byteCount >= 0 {
            let order = StringOrder.order(value, current.bytes)
            guard isMax ? order > 0 : order < 0 else { return }
        }
        let kept = try arena.copy(value)
        // SAFETY: only the address is kept; `Best.bytes` makes the pointer again.
        best.base[group] = Best(
            address: UInt(bitPattern: kept.baseAddress), byteCount: kept.count)
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ input: StringRows, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            try add(input[row], to: Int(rows.groups[index]))
        }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? StringExtremeState else { return }
        for index in 0..<pairs.count {
            let value = other.best.base[Int(pairs.sources[index])]
            guard value.byteCount >= 0 else { continue }
            try add(value.bytes, to: Int(pairs.targets[index]))
        }
    }

    /// The extreme of a group, valid as long as the state; nil without rows.
    package func value(_ group: Int) -> UnsafeRawBufferPointer? {
        let value = best.base[group]
        return value.byteCount >= 0 ? value.bytes : nil
    }
}
