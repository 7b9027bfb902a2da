internal import StoaBase

/// Four sums per group while a batch is added, so that neighbouring rows of one group do not wait
/// for each other's store.
enum Replicas {
    /// More groups than this seldom meet themselves within a few rows.
    static let groupCountLimit = 256
    private static let count = 4

    /// Adds 1 per row.
    static func addOnes(
        _ rows: GroupedRows, groupCount: Int, to sums: UnsafeMutablePointer<Int64>
    ) {
        let groups = rows.groups
        let replicas = zeros(groupCount)
        defer { replicas.deallocate() }
        add(rows.count, replicas, groupCount) { index in (Int(groups[index]), 1) }
        fold(replicas, groupCount: groupCount, into: sums)
    }

    /// Adds a number per row, modulo 2^64.
    @inline(__always)
    static func add(
        _ rows: GroupedRows, groupCount: Int, to sums: UnsafeMutablePointer<Int64>,
        _ number: (Int) -> Int64
    ) {
        let (positions, groups) = (rows.rows, rows.groups)
        // A closure around the loops would keep them from being compiled for the lane.
        let replicas = zeros(groupCount)
        defer { replicas.deallocate() }
        if rows.isWhole {
            add(rows.count, replicas, groupCount) { (Int(groups[$0]), number($0)) }
        } else {
            add(rows.count, replicas, groupCount) {
                (Int(groups[$0]), number(Int(positions[$0])))
            }
        }
        fold(replicas, groupCount: groupCount, into: sums)
    }

    /// What a batch's sums and counts go into.
    struct Target {
        let groupCount: Int
        let sums: UnsafeMutablePointer<Int64>
        let counts: UnsafeMutablePointer<Int64>?
    }

    /// Bits of a sum of numbers in a word that also counts them: 4,096 numbers of 32 bits have 44.
    private static let sumBits: UInt64 = 48

    /// Adds `base + multiplier × number` per row, for numbers of at most 32 bits. One addition per
    /// row makes the sum and the count of the numbers.
    @inline(__always)
    static func addCounted(
        _ rows: GroupedRows, _ line: (base: Int64, multiplier: Int64), _ target: Target,
        _ number: (Int) -> UInt64
    ) {
        let (positions, groups) = (rows.rows, rows.groups)
        let groupCount = target.groupCount
        invariant(rows.count <= Limits.batchRows, "a batch's sum stays below its count")
        let one: UInt64 = 1 &<< sumBits
        let replicas = zeros(groupCount)
        defer { replicas.deallocate() }
        if rows.isWhole {
            add(rows.count, replicas, groupCount) {
                (Int(groups[$0]), Int64(bitPattern: one &+ number($0)))
            }
        } else {
            add(rows.count, replicas, groupCount) {
                (Int(groups[$0]), Int64(bitPattern: one &+ number(Int(positions[$0]))))
            }
        }
        for group in 0..<groupCount {
            var word: UInt64 = 0
            for replica in 0..<count {
                word &+= UInt64(bitPattern: replicas[replica &* groupCount &+ group])
            }
            let rowCount = Int64(bitPattern: word &>> sumBits)
            let sum = Int64(bitPattern: word & (one &- 1))
            target.sums[group] &+= line.base &* rowCount &+ line.multiplier &* sum
            target.counts?[group] &+= rowCount
        }
    }

    @inline(__always)
    private static func add(
        _ rowCount: Int, _ replicas: UnsafeMutablePointer<Int64>, _ groupCount: Int,
        _ row: (Int) -> (group: Int, number: Int64)
    ) {
        let (first, second) = (replicas, replicas + groupCount)
        let (third, fourth) = (second + groupCount, second + 2 &* groupCount)
        var index = 0
        while index &+ 4 <= rowCount {
            let (one, two) = (row(index), row(index &+ 1))
            let (three, four) = (row(index &+ 2), row(index &+ 3))
            first[one.group] &+= one.number
            second[two.group] &+= two.number
            third[three.group] &+= three.number
            fourth[four.group] &+= four.number
            index &+= 4
        }
        while index < rowCount {
            let one = row(index)
            first[one.group] &+= one.number
            index &+= 1
        }
    }

    private static func zeros(_ groupCount: Int) -> UnsafeMutablePointer<Int64> {
        let sums = UnsafeMutablePointer<Int64>.allocate(capacity: groupCount * count)
        sums.initialize(repeating: 0, count: groupCount * count)
        return sums
    }

    private static func fold(
        _ replicas: UnsafeMutablePointer<Int64>, groupCount: Int,
        into sums: UnsafeMutablePointer<Int64>
    ) {
        for replica in 0..<count {
            let part = replicas + replica &* groupCount
            for group in 0..<groupCount { sums[group] &+= part[group] }
        }
    }
}
