package import StoaBase

/// Which groups have rows, and how many when somebody asks: kept once for all aggregates.
package final class GroupTally {
    /// Whether rows are counted; else groups are only marked.
    package let isCounting: Bool
    private var counts: GrowingBuffer<Int64>
    private var marks: GrowingBuffer<UInt8>
    /// Groups that can have rows.
    package private(set) var groupCount = 0
    /// Groups below this are marked: once all are, rows say nothing new.
    private var markedCount = 0
    /// Whether an aggregate counts the rows that come next.
    private var isClaimed = false

    package init(isCounting: Bool, budget: MemoryBudget) {
        self.isCounting = isCounting
        counts = GrowingBuffer(budget: budget)
        marks = GrowingBuffer(budget: budget)
    }

    /// Makes room for the groups below `count`; new ones have no rows.
    package func grow(to count: Int) throws(MemoryLimitReached) {
        guard count > groupCount else { return }
        if isCounting {
            try counts.reserve(count, used: groupCount)
            (counts.base + groupCount).update(repeating: 0, count: count - groupCount)
        } else {
            try marks.reserve(count, used: groupCount)
            (marks.base + groupCount).update(repeating: 0, count: count - groupCount)
        }
        groupCount = count
    }

    /// Forgets all rows; the memory stays.
    package func clear() {
        groupCount = 0
        markedCount = 0
        isClaimed = false
    }

    /// Adds rows to one group, past the aggregates.
    package func add(_ count: Int, to group: Int) {
        if isCounting {
            counts.base[group] &+= Int64(count)
        } else {
            marks.base[group] = 1
        }
    }

    /// The counts, for an aggregate that adds the next rows to them on its way; nil when nobody
    /// counts, or somebody else does it.
    func claimCounts() -> UnsafeMutablePointer<Int64>? {
        guard isCounting, !isClaimed else { return nil }
        isClaimed = true
        return counts.base
    }

    /// Adds rows to their groups. The aggregates have seen the rows before.
    package func add(_ rows: GroupedRows) {
        guard rows.count > 0 else { return }
        if isClaimed {
            isClaimed = false
            return
        }
        let groups = rows.groups
        guard isCounting else {
            guard markedCount < groupCount else { return }
            let marks = marks.base
            if rows.isOneGroup {
                marks[Int(groups[0])] = 1
            } else {
                for index in 0..<rows.count { marks[Int(groups[index])] = 1 }
            }
            var marked = markedCount
            while marked < groupCount, marks[marked] != 0 { marked &+= 1 }
            markedCount = marked
            return
        }
        if rows.isOneGroup {
            counts.base[Int(groups[0])] &+= Int64(rows.count)
        } else if groupCount <= Replicas.groupCountLimit {
            Replicas.addOnes(rows, groupCount: groupCount, to: counts.base)
        } else {
            let counts = counts.base
            for index in 0..<rows.count { counts[Int(groups[index])] &+= 1 }
        }
    }

    /// Marks the groups that an aggregate knows to have rows; not while counting.
    @inline(__always)
    func mark(_ hasRows: (Int) -> Bool) {
        let marks = marks.base
        for group in 0..<groupCount { marks[group] |= hasRows(group) ? 1 : 0 }
    }

    /// Adds the rows of another worker's groups.
    package func merge(_ other: GroupTally, _ pairs: GroupPairs) {
        if isCounting {
            let (counts, others) = (counts.base, other.counts.base)
            for index in 0..<pairs.count {
                counts[Int(pairs.targets[index])] &+= others[Int(pairs.sources[index])]
            }
        } else {
            let (marks, others) = (marks.base, other.marks.base)
            for index in 0..<pairs.count {
                marks[Int(pairs.targets[index])] |= others[Int(pairs.sources[index])]
            }
        }
    }

    /// Whether a group has rows.
    @inline(__always)
    package func hasRows(_ group: Int) -> Bool {
        isCounting ? counts.base[group] != 0 : marks.base[group] != 0
    }

    /// A group's rows; `isCounting` only.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { counts.base[group] }

    /// Writes the rows of groups; `isCounting` only.
    package func write(
        _ groups: UnsafePointer<UInt32>, count groupCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        let counts = counts.base
        for index in 0..<groupCount { out[index] = counts[Int(groups[index])] }
    }

    /// Writes the groups of `range` that have rows, rising; returns how many.
    package func groups(
        in range: Range<Int>, into groups: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var found = 0
        if isCounting {
            let counts = counts.base
            for group in range {
                groups[found] = UInt32(truncatingIfNeeded: group)
                found &+= counts[group] != 0 ? 1 : 0
            }
        } else {
            let marks = marks.base
            for group in range {
                groups[found] = UInt32(truncatingIfNeeded: group)
                found &+= marks[group] != 0 ? 1 : 0
            }
        }
        return found
    }
}
