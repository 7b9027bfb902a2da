package import StoaBase

/// The exact sums and counts of floats; of `sum` and of `avg`.
///
/// A group has two integers over the state's `FloatGrid`. What does not fit the grids, and the
/// integers when they have grown, goes to the group's `LongSum`. NaN and infinities are flags.
package final class FloatSumState: AggregateState {
    /// One group.
    struct Cell: BitwiseCopyable {
        var first: Int64 = 0
        var second: Int64 = 0
        var count: Int64 = 0
        /// The position of the long sum in the pool; 0: none yet.
        var long: UInt32 = 0
        var special = FloatSpecials()
    }

    private var cells: GrowingBuffer<Cell>
    private var pool: LongSumPool
    private var grid: FloatGrid?
    private var regridCount = 0
    private let choice: FloatGridChoice
    private let outliers = RowList()
    private let quotient = ExactQuotient()
    /// Binary orders of magnitude that the two grids represent whole.
    private static let span = 48

    /// - Parameter choice: Shared by the states that are merged.
    package init(choice: FloatGridChoice = FloatGridChoice(), budget: MemoryBudget) {
        self.choice = choice
        cells = GrowingBuffer(budget: budget)
        pool = LongSumPool(hasSquares: false, budget: budget)
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try cells.reserve(count, used: used)
    }

    override func initialize(_ groups: Range<Int>) {
        (cells.base + groups.lowerBound).update(repeating: Cell(), count: groups.count)
    }

    // MARK: Adding

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ values: UnsafePointer<Double>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        guard rows.count > 0, let grid = grid(values, { Int(rows.rows[$0]) }, rows.count) else {
            return try addOutliers(values, validity, rows, all: true)
        }
        let cells = cells.base
        let outliers = outliers.base
        let (limit, firstShift, secondShift) = (grid.limit, grid.firstShift, grid.secondShift)
        let firstBits = Int64(bitPattern: firstShift.bitPattern)
        let secondBits = Int64(bitPattern: secondShift.bitPattern)
        var outlierCount = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let value = values[row]
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
            let count = cell.pointee.count &+ 1
            cell.pointee.count = count
            // A full cell is listed as well: its number goes to the long sum.
            outlierCount &+= count & (FloatGrid.flushInterval &- 1) == 0 ? 1 : 0
        }
        self.outliers.count = outlierCount
        if outlierCount > 0 { try addOutliers(values, validity, rows, all: false) }
    }

    /// Adds listed rows, or all, that do not split, and empties the cells of those that do.
    private func addOutliers(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows,
        all: Bool
    ) throws(MemoryLimitReached) {
        let count = all ? rows.count : outliers.count
        var strangeCount = 0
        for position in 0..<count {
            let index = all ? position : Int(outliers.base[position])
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let group = Int(rows.groups[index])
            if !all, let grid, grid.splits(values[row]) {
                try flush(group)
            } else {
                strangeCount += 1
                try addOutlier(values[row], to: group)
            }
        }
        try regrid(values, { Int(rows.rows[$0]) }, rows.count, strangeCount: strangeCount)
    }

    /// Adds values to one group.
    package func add(_ values: [Double], to group: Int) throws(MemoryLimitReached) {
        for value in values { try addOutlier(value, to: group) }
    }

    private func addOutlier(_ value: Double, to group: Int) throws(MemoryLimitReached) {
        cells.base[group].count &+= 1
        if cells.base[group].count & (FloatGrid.flushInterval - 1) == 0 { try flush(group) }
        guard value.isFinite else { return cells.base[group].special.note(value) }
        guard value != 0 else { return }
        try pool.makeIfNeeded(&cells.base[group].long)
        pool.sum(cells.base[group].long).add(value)
    }

    /// Adds all selected rows to one group.
    package func add(
        _ values: UnsafePointer<Double>, mask: UnsafePointer<UInt64>, rowCount: Int, to group: Int
    ) throws(MemoryLimitReached) {
        let rowOf = { (row: Int) in row }
        guard rowCount > 0, let grid = grid(values, rowOf, rowCount) else {
            for row in 0..<rowCount where MaskWords.isSet(mask, row) {
                try addOutlier(values[row], to: group)
            }
            return
        }
        var strangeCount = 0
        var (first, second, count): (Int64, Int64, Int64) = (0, 0, 0)
        for word in 0..<MaskWords.wordCount(rowCount) {
            let bits = mask[word]
            let chunk = values + word &* 64
            if bits == 0 { continue }
            if bits == .max || word &* 64 &+ 64 <= rowCount {
                let sums =
                    bits == .max
                    ? FloatKernels.sumAll(chunk, grid) : FloatKernels.sumSome(chunk, bits, grid)
                if sums.isExact {
                    first &+= sums.first
                    second &+= sums.second
                    count &+= Int64(bits.nonzeroBitCount)
                    continue
                }
            }
            var rest = bits
            while rest != 0 {
                let value = chunk[rest.trailingZeroBitCount]
                rest &= rest &- 1
                if let parts = FloatKernels.split(value, grid) {
                    first &+= parts.first
                    second &+= parts.second
                    count &+= 1
                } else {
                    strangeCount += 1
                    try addOutlier(value, to: group)
                }
            }
        }
        try flush(group)
        cells.base[group].first = first
        cells.base[group].second = second
        cells.base[group].count &+= count
        try regrid(values, rowOf, rowCount, strangeCount: strangeCount)
    }

    // MARK: Grids

    private func grid(
        _ values: UnsafePointer<Double>, _ rows: (Int) -> Int, _ count: Int
    ) -> FloatGrid? {
        if let grid { return grid }
        grid = choice.first {
            FloatGrid.fitting(values, rows: rows, count: count, span: Self.span)
        }
        return grid
    }

    /// Takes other grids when too many values of a batch did not fit: a few times, and not when
    /// very many groups would need a long sum for it.
    private func regrid(
        _ values: UnsafePointer<Double>, _ rows: (Int) -> Int, _ count: Int, strangeCount: Int
    ) throws(MemoryLimitReached) {
        guard strangeCount >= 64, strangeCount * 8 > count, regridCount < 8, groupCount < 1 << 16,
            let found = FloatGrid.fitting(values, rows: rows, count: count, span: Self.span),
            found != grid
        else { return }
        regridCount += 1
        for group in 0..<groupCount { try flush(group) }
        grid = found
    }

    /// Moves a group's integers to its long sum.
    private func flush(_ group: Int) throws(MemoryLimitReached) {
        let cell = cells.base[group]
        guard cell.first != 0 || cell.second != 0, let grid else { return }
        try pool.makeIfNeeded(&cells.base[group].long)
        pool.sum(cells.base[group].long).add(
            Self.total(cell), exponent: grid.exponent - FloatGrid.step)
        cells.base[group].first = 0
        cells.base[group].second = 0
    }

    /// The integers of both grids, in units of the second.
    private static func total(_ cell: Cell) -> Int128 {
        Int128(cell.first) << Int128(FloatGrid.step) + Int128(cell.second)
    }

    // MARK: Merging

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? FloatSumState else { return }
        if grid == nil { grid = other.grid }
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            let cell = other.cells.base[source]
            try addIntegers(of: cell, grid: other.grid, to: target)
            cells.base[target].count &+= cell.count
            cells.base[target].special.formUnion(cell.special)
            guard cell.long != 0 else { continue }
            try pool.makeIfNeeded(&cells.base[target].long)
            pool.sum(cells.base[target].long).add(other.pool.sum(cell.long))
        }
    }

    private func addIntegers(
        of cell: Cell, grid other: FloatGrid?, to group: Int
    ) throws(MemoryLimitReached) {
        guard cell.first != 0 || cell.second != 0, let other else { return }
        let target = cells.base[group]
        let (first, firstOverflow) = target.first.addingReportingOverflow(cell.first)
        let (second, secondOverflow) = target.second.addingReportingOverflow(cell.second)
        let fits =
            other == grid && !firstOverflow && !secondOverflow
            && first.magnitude <= FloatGrid.restLimit && second.magnitude <= FloatGrid.restLimit
        if fits {
            cells.base[group].first = first
            cells.base[group].second = second
            return
        }
        try flush(group)
        try pool.makeIfNeeded(&cells.base[group].long)
        pool.sum(cells.base[group].long).add(
            Self.total(cell), exponent: other.exponent - FloatGrid.step)
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
            return BinaryRatio.nearest(Self.total(cell), over: UInt128(divisor))
                * Double(sign: .plus, exponent: exponent, significand: 1)
        }
        quotient.begin(dividingBy: divisor)
        let words = quotient.numerator
        words.update(from: pool.sum(cell.long).words, count: LongSum.wordCount)
        let sum = LongSum(
            words: words, count: LongSum.wordCount, exponent: LongSum.lowestExponent)
        sum.add(Self.total(cell), exponent: exponent)
        let isNegative = WordArithmetic.isNegative(words, LongSum.wordCount)
        if isNegative { WordArithmetic.negate(words, LongSum.wordCount) }
        let value = quotient.rounded(LongSum.wordCount, exponent: LongSum.lowestExponent)
        return isNegative ? -value : value
    }
}
