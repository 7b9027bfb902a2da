internal import StoaBase

/// Values of a few groups on their way into the sums: rows are laid out by group, so that kernels
/// find whole runs of each.
final class FloatRuns {
    /// Groups up to which rows are laid out.
    static let groupLimit = 64
    /// Words of 64 values that a kernel adds at a time.
    static let wordLimit = 16

    /// Rows that are laid out at a time, a whole number of words: what is touched stays in the
    /// first cache.
    private(set) var rowCount = 0
    /// Places of one group: what was left behind by the rows before, and these rows. It is no
    /// multiple of a page, so that the groups' runs do not displace each other from the cache.
    private(set) var stride = 0
    private(set) var base: UnsafeMutablePointer<Double>
    private var capacity = 0
    /// Where each group's next value goes.
    let cursors: UnsafeMutablePointer<UInt32>
    /// Where each row's value goes.
    let places: UnsafeMutablePointer<UInt32>
    /// The mask of a run: all rows.
    let mask: UnsafeMutablePointer<UInt64>

    init() {
        base = .allocate(capacity: 0)
        cursors = .allocate(capacity: Self.groupLimit)
        cursors.initialize(repeating: 0, count: Self.groupLimit)
        places = .allocate(capacity: Limits.batchRows)
        mask = .allocate(capacity: Self.wordLimit)
        mask.initialize(repeating: .max, count: Self.wordLimit)
    }

    deinit {
        base.deallocate()
        cursors.deallocate()
        places.deallocate()
        mask.deallocate()
    }

    /// Makes empty runs of `count` groups.
    func begin(groupCount count: Int) {
        rowCount = count <= 8 ? Limits.batchRows : 512
        stride = 64 + rowCount + 8
        if count * stride > capacity {
            base.deallocate()
            capacity = count * stride
            base = .allocate(capacity: capacity)
        }
        for group in 0..<count { cursors[group] = UInt32(group * stride) }
    }

    /// Drops the first `count` of the `all` values of a group.
    func drop(_ count: Int, of all: Int, _ group: Int) {
        let run = base + group * stride
        run.update(from: run + count, count: all - count)
        cursors[group] -= UInt32(count)
    }
}
