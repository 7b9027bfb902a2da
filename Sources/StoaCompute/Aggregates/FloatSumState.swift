package import StoaBase

/// The exact sums and counts of floats; of `sum` and of `avg`.
///
/// A group has two integers over the state's `FloatGrid`. What does not fit the grids, and the
/// integers when they have grown, goes to the group's `LongSum`. NaN and infinities are flags.
package final class FloatSumState: FloatState {
    /// One group.
    struct Cell: FloatCell {
        var first: Int64 = 0
        var second: Int64 = 0
        var count: Int64 = 0
        var long: UInt32 = 0
        var special = FloatSpecials()

        var hasIntegers: Bool { first | second != 0 }

        /// The integers of both grids, in units of the second.
        var total: Int128 { Int128(first) << Int128(FloatGrid.step) + Int128(second) }

        mutating func clearIntegers() { (first, second) = (0, 0) }

        mutating func takeIntegers(of other: Cell) -> Bool {
            let (first, firstOverflow) = first.addingReportingOverflow(other.first)
            let (second, secondOverflow) = second.addingReportingOverflow(other.second)
            guard !firstOverflow, !secondOverflow, first.magnitude <= FloatGrid.restLimit,
                second.magnitude <= FloatGrid.restLimit
            else { return false }
            (self.first, self.second) = (first, second)
            return true
        }

        func addIntegers(_ grid: FloatGrid, to sums: LongSums) {
            sums.sum.add(total, exponent: grid.exponent - FloatGrid.step)
        }
    }

    private var cells: GrowingBuffer<Cell>

    /// - Parameter choice: Shared by the states that are merged.
    package init(choice: FloatGridChoice = FloatGridChoice(), budget: MemoryBudget) {
        cells = GrowingBuffer(budget: budget)
        super.init(choice: choice, span: 48, hasSquares: false, budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try cells.reserve(count, used: used)
    }

    override func initialize(_ groups: Range<Int>) {
        (cells.base + groups.lowerBound).update(repeating: Cell(), count: groups.count)
    }

    // MARK: Adding

    override func rowCount(of group: Int) -> Int64 { cells.base[group].count }

    override func addWords(
        _ values: UnsafePointer<Double>, _ wordCount: Int, count: Int, to group: Int
    ) -> Bool {
        guard let grid else { return false }
        let sums = FloatKernels.sum(values, wordCount, grid)
        guard sums.isExact else { return false }
        let cell = cells.base + group
        cell.pointee.first &+= sums.first
        cell.pointee.second &+= sums.second
        cell.pointee.count &+= Int64(count)
        return true
    }

    override func addSplit(_ value: Double, to group: Int) -> Bool {
        guard let grid, let parts = FloatKernels.split(value, grid) else { return false }
        let cell = cells.base + group
        cell.pointee.first &+= parts.first
        cell.pointee.second &+= parts.second
        cell.pointee.count &+= 1
        return true
    }

    override func splits(_ value: Double) -> Bool { grid?.splits(value) ?? false }

    override func addOutlier(_ value: Double, to group: Int) throws(MemoryLimitReached) {
        try addOutlier(value, to: cells.base + group)
    }

    override func flush(_ group: Int) throws(MemoryLimitReached) {
        try flush(cells.base + group)
    }

    /// A null row adds a zero and does not count: a branch would often be mistaken.
    override func addRows(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) {
        guard let grid else { return }
        let (cells, outliers) = (cells.base, outliers.base)
        let (limit, firstShift, secondShift) = (grid.limit, grid.firstShift, grid.secondShift)
        let firstBits = Int64(bitPattern: firstShift.bitPattern)
        let secondBits = Int64(bitPattern: secondShift.bitPattern)
        var outlierCount = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            let bit = validity.map { MaskWords.bit($0, row) } ?? 1
            let value = Double(bitPattern: values[row].bitPattern & (0 &- bit))
            let first = value + firstShift
            let rest = value - (first - firstShift)
            let second = rest + secondShift
            outliers[outlierCount] = UInt16(truncatingIfNeeded: index)
            guard value.magnitude < limit, rest == second - secondShift else {
                outlierCount &+= 1
                continue
            }
            let cell = cells + Int(rows.groups[index])
            cell.pointee.first &+= Int64(bitPattern: first.bitPattern) &- firstBits
            cell.pointee.second &+= Int64(bitPattern: second.bitPattern) &- secondBits
            let count = cell.pointee.count &+ Int64(bitPattern: bit)
            cell.pointee.count = count
            // A full cell is listed as well: its number goes to the long sum.
            outlierCount &+= count & (FloatGrid.flushInterval &- 1) == 0 ? 1 : 0
        }
        self.outliers.count = outlierCount
    }

    /// Adds values to one group.
    package func add(_ values: [Double], to group: Int) throws(MemoryLimitReached) {
        for value in values { try addOutlier(value, to: group) }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? FloatSumState else { return }
        try merge(other.cells.base, of: other, into: cells.base, pairs)
    }

    // MARK: Results

    /// Rows summed.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { cells.base[group].count }

    /// The exact sum, rounded once.
    package func sum(_ group: Int) -> Double { rounded(group, dividedBy: 1) }

    /// The exact sum divided by the count, rounded once.
    package func average(_ group: Int) -> Double {
        rounded(group, dividedBy: UInt64(cells.base[group].count))
    }

    private func rounded(_ group: Int, dividedBy divisor: UInt64) -> Double {
        let cell = cells.base[group]
        if let value = cell.special.sum { return value }
        let exponent = (grid?.exponent ?? 0) - FloatGrid.step
        if cell.long == 0 {
            // The grids' exponents keep the quotient among the normal numbers.
            return BinaryRatio.nearest(cell.total, over: UInt128(divisor))
                * Double(sign: .plus, exponent: exponent, significand: 1)
        }
        quotient.begin(dividingBy: divisor)
        let words = quotient.numerator
        words.update(from: pool.sums(cell.long).sum.words, count: LongSum.wordCount)
        let sum = LongSum(
            words: words, count: LongSum.wordCount, exponent: LongSum.lowestExponent)
        sum.add(cell.total, exponent: exponent)
        let isNegative = WordArithmetic.isNegative(words, LongSum.wordCount)
        if isNegative { WordArithmetic.negate(words, LongSum.wordCount) }
        let value = quotient.rounded(LongSum.wordCount, exponent: LongSum.lowestExponent)
        return isNegative ? -value : value
    }
}
