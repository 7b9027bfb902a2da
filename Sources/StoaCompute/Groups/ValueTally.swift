package import StoaBase

/// How many rows of each group have a value of one argument.
///
/// Alone it counts. On top of a `GroupTally`, which knows the rows, it keeps nothing before the
/// first NULL: then the NULLs of each group where rows are counted, else marks of the groups that
/// had a value.
package final class ValueTally {
    private let budget: MemoryBudget
    private var rows: GroupTally?
    private var counts: GrowingBuffer<Int64>
    private var marks: GrowingBuffer<UInt8>
    private var groupCount = 0
    private var hasExceptions = false

    package init(budget: MemoryBudget) {
        self.budget = budget
        counts = GrowingBuffer(budget: budget)
        marks = GrowingBuffer(budget: budget)
    }

    /// Takes what rows there are from `tally`; before the first row.
    package func share(_ tally: GroupTally) { rows = tally }

    /// Whether no NULL was seen beside a shared tally.
    var awaitsNulls: Bool { rows != nil && !hasExceptions }

    private var keepsCounts: Bool { rows == nil || (hasExceptions && rows?.isCounting ?? true) }
    private var keepsMarks: Bool { hasExceptions && !(rows?.isCounting ?? true) }

    /// Gives every group below `count` its place.
    package func grow(to count: Int) throws(MemoryLimitReached) {
        guard count > groupCount else { return }
        try extend(to: count, from: groupCount)
        groupCount = count
    }

    private func extend(to count: Int, from first: Int) throws(MemoryLimitReached) {
        if keepsCounts {
            try counts.reserve(count, used: first)
            (counts.base + first).update(repeating: 0, count: count - first)
        }
        if keepsMarks {
            try marks.reserve(count, used: first)
            (marks.base + first).update(repeating: 0, count: count - first)
        }
    }

    /// Forgets all rows; the memory stays.
    package func clear() {
        groupCount = 0
        hasExceptions = false
    }

    /// From here on NULLs are told apart. The shared tally knows the rows before this batch only.
    private func beginExceptions() throws(MemoryLimitReached) {
        guard let rows, !hasExceptions else { return }
        hasExceptions = true
        try extend(to: groupCount, from: 0)
        guard !rows.isCounting else { return }
        for group in 0..<min(groupCount, rows.groupCount) where rows.hasRows(group) {
            marks.base[group] = 1
        }
    }

    /// Adds rows to their groups; null ones have no value.
    package func add(
        _ added: GroupedRows, validity: UnsafePointer<UInt64>?
    ) throws(MemoryLimitReached) {
        guard let rows else {
            let counts = counts.base
            added.forEach(validity) { _, group in counts[group] &+= 1 }
            return
        }
        if validity != nil { try beginExceptions() }
        guard hasExceptions else { return }
        if rows.isCounting {
            guard let validity else { return }
            let nulls = counts.base
            for index in 0..<added.count where !MaskWords.isSet(validity, Int(added.rows[index])) {
                nulls[Int(added.groups[index])] &+= 1
            }
        } else {
            let marks = marks.base
            added.forEach(validity) { _, group in marks[group] = 1 }
        }
    }

    /// As the shared tally's.
    func claimCounts() -> UnsafeMutablePointer<Int64>? { rows?.claimCounts() }

    /// Adds rows to one group, all of which have a value; a shared tally gets the rows itself.
    package func add(_ count: Int, to group: Int) {
        if rows == nil {
            counts.base[group] &+= Int64(count)
        } else if keepsMarks {
            marks.base[group] = 1
        }
    }

    /// Adds another worker's groups; the shared tallies are merged afterwards.
    package func merge(_ other: ValueTally, _ pairs: GroupPairs) throws(MemoryLimitReached) {
        guard let rows, let otherRows = other.rows else {
            for index in 0..<pairs.count {
                counts.base[Int(pairs.targets[index])] &+=
                    other.counts.base[Int(pairs.sources[index])]
            }
            return
        }
        if other.hasExceptions { try beginExceptions() }
        guard hasExceptions else { return }
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            if rows.isCounting {
                if other.hasExceptions { counts.base[target] &+= other.counts.base[source] }
            } else {
                let isMarked =
                    other.hasExceptions
                    ? other.marks.base[source] != 0 : otherRows.hasRows(source)
                if isMarked { marks.base[target] = 1 }
            }
        }
    }

    /// Rows with a value; with a shared tally only where that counts.
    @inline(__always)
    package func count(_ group: Int) -> Int64 {
        guard let rows else { return counts.base[group] }
        return rows.count(group) &- (hasExceptions ? counts.base[group] : 0)
    }

    /// Writes the counts of groups.
    package func write(
        _ groups: UnsafePointer<UInt32>, count groupCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        let own = counts.base
        guard let rows else {
            for index in 0..<groupCount { out[index] = own[Int(groups[index])] }
            return
        }
        rows.write(groups, count: groupCount, into: out)
        guard hasExceptions else { return }
        for index in 0..<groupCount { out[index] &-= own[Int(groups[index])] }
    }

    /// Writes which groups have a value; nil when all have: only groups with rows are asked for.
    package func validity(
        _ groups: UnsafePointer<UInt32>, count groupCount: Int,
        into mask: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64>? {
        if let rows {
            guard hasExceptions else { return nil }
            if !rows.isCounting {
                let marks = marks.base
                MaskWords.build(rowCount: groupCount, into: mask) {
                    marks[Int(groups[$0])] != 0
                }
                return UnsafePointer(mask)
            }
        }
        MaskWords.build(rowCount: groupCount, into: mask) { hasValue(Int(groups[$0])) }
        return UnsafePointer(mask)
    }

    /// Whether any row has a value.
    @inline(__always)
    package func hasValue(_ group: Int) -> Bool {
        guard let rows else { return counts.base[group] != 0 }
        if rows.isCounting { return count(group) != 0 }
        return hasExceptions ? marks.base[group] != 0 : rows.hasRows(group)
    }
}
