internal import StoaBase

/// Values of a few groups on their way into the sums: rows are laid out by group, so that kernels
/// find whole runs of each.
final class FloatRuns {
    /// Groups up to which rows are laid out.
    static let groupLimit = 64
    /// Rows that are laid out at a time; a whole number of words.
    static let rowCount = 512
    /// Places of one group: what was left behind by the rows before, and these rows. It is no
    /// multiple of a page, so that the groups' runs do not displace each other from the cache.
    static let stride = 64 + rowCount + 8
    /// Words of a run.
    static let wordLimit = (64 + rowCount) / 64

    private(set) var base: UnsafeMutablePointer<Double>
    private var groupCount = 0
    /// Where each group's next value goes.
    let cursors: UnsafeMutablePointer<UInt32>
    /// The mask of a run: all rows.
    let mask: UnsafeMutablePointer<UInt64>

    init() {
        base = .allocate(capacity: 0)
        cursors = .allocate(capacity: Self.groupLimit)
        mask = .allocate(capacity: Self.wordLimit)
        mask.initialize(repeating: .max, count: Self.wordLimit)
    }

    deinit {
        base.deallocate()
        cursors.deallocate()
        mask.deallocate()
    }

    /// Makes empty runs of `count` groups.
    func begin(groupCount count: Int) {
        if count > groupCount {
            base.deallocate()
            base = .allocate(capacity: count * Self.stride)
            base.initialize(repeating: 0, count: count * Self.stride)
            groupCount = count
        }
        for group in 0..<count { cursors[group] = UInt32(group * Self.stride) }
    }

    /// Values in the run of a group.
    func count(_ group: Int) -> Int { Int(cursors[group]) - group * Self.stride }

    /// Drops the first `count` values of a group, which are whole words.
    func drop(_ count: Int, of group: Int) {
        let run = base + group * Self.stride
        run.update(from: run + count, count: self.count(group) - count)
        cursors[group] -= UInt32(count)
    }

    /// Fills the last word of a group's run with zeros; returns how many words it has.
    func pad(_ group: Int) -> Int {
        let count = count(group)
        let words = (count + 63) / 64
        (base + group * Self.stride + count).update(repeating: 0, count: words * 64 - count)
        return words
    }
}
