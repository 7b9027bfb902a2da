package import StoaBase

/// The exact sums of floats and of their squares, with counts; of `var_pop`, `var_samp`,
/// `stddev_pop` and `stddev_samp`, and of `sum` and `avg` beside them.
///
/// A value x is added as four numbers at once: x, the two parts of x² (see `FloatGrid`), and 1 for
/// the count; each has a place in two vectors of integers, one for each grid.
package final class FloatMomentState: FloatState {
    /// What of a group is asked for.
    package enum Moment: Sendable {
        case sum, average, populationVariance, sampleVariance, populationDeviation
        case sampleDeviation
    }

    private var cells: GrowingBuffer<FloatMomentCell>
    private var shifts: FloatMomentShifts?
    private let sumWords: UnsafeMutablePointer<UInt64>

    /// - Parameter choice: Shared by the states that are merged.
    package init(choice: FloatGridChoice = FloatGridChoice(), budget: MemoryBudget) {
        cells = GrowingBuffer(budget: budget)
        sumWords = .allocate(capacity: LongSum.squareWordCount * 2 + 4)
        sumWords.initialize(repeating: 0, count: LongSum.squareWordCount * 2 + 4)
        super.init(choice: choice, span: 22, hasSquares: true, budget: budget)
    }

    deinit { sumWords.deallocate() }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try cells.reserve(count, used: used)
    }

    override func initialize(_ groups: Range<Int>) {
        (cells.base + groups.lowerBound).update(
            repeating: FloatMomentCell(), count: groups.count)
    }

    // MARK: Adding

    override func gridHasChanged(_ grid: FloatGrid) { shifts = FloatMomentShifts(grid) }

    override func rowCount(of group: Int) -> Int64 { cells.base[group].count }

    override func addWords(
        _ values: UnsafePointer<Double>, _ wordCount: Int, count: Int, to group: Int
    ) -> Bool {
        guard let shifts else { return false }
        let moments = FloatKernels.moments(values, wordCount, shifts.kernel)
        guard moments.isExact else { return false }
        let cell = cells.base + group
        var first = moments.first
        first.w = Int64(count)
        cell.pointee.first = cell.pointee.first &+ first
        cell.pointee.second = cell.pointee.second &+ moments.second
        return true
    }

    override func addSplit(_ value: Double, to group: Int) -> Bool {
        let cell = cells.base + group
        return shifts?.split(value) { first, second in
            cell.pointee.first = cell.pointee.first &+ first
            cell.pointee.second = cell.pointee.second &+ second
        } ?? false
    }

    override func splits(_ value: Double) -> Bool { shifts?.split(value) { _, _ in } ?? false }

    override func addOutlier(_ value: Double, to group: Int) throws(MemoryLimitReached) {
        try addOutlier(value, to: cells.base + group)
    }

    override func flush(_ group: Int) throws(MemoryLimitReached) {
        try flush(cells.base + group)
    }

    /// A null row adds zeros and does not count: a branch would often be mistaken.
    override func addRows(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) {
        guard let shifts else { return }
        let (cells, outliers) = (cells.base, outliers.base)
        var outlierCount = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            let bit = validity.map { MaskWords.bit($0, row) } ?? 1
            let value = Double(bitPattern: values[row].bitPattern & (0 &- bit))
            outliers[outlierCount] = UInt16(truncatingIfNeeded: index)
            let cell = cells + Int(rows.groups[index])
            let excess = SIMD4(0, 0, 0, 1 &- Int64(bitPattern: bit))
            var count: Int64 = 0
            let fits = shifts.split(value) { first, second in
                let sum = cell.pointee.first &+ (first &- excess)
                cell.pointee.first = sum
                cell.pointee.second = cell.pointee.second &+ second
                count = sum.w & (FloatGrid.flushInterval &- 1)
            }
            // A full cell is listed as well: its numbers go to the long sums.
            outlierCount &+= fits && count != 0 ? 0 : 1
        }
        self.outliers.count = outlierCount
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? FloatMomentState else { return }
        try merge(other.cells.base, of: other, into: cells.base, pairs)
    }

    // MARK: Results

    /// Rows summed.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { cells.base[group].count }

    /// A moment of a group, rounded once; nil for none, or for one when two are needed.
    package func value(_ moment: Moment, of group: Int) -> Double? {
        let cell = cells.base[group]
        let count = UInt64(cell.count)
        guard count > 0 else { return nil }
        switch moment {
        case .sum: return cell.special.sum ?? sum(cell, dividedBy: 1)
        case .average: return cell.special.sum ?? sum(cell, dividedBy: count)
        case .sampleVariance, .sampleDeviation:
            guard count > 1 else { return nil }
            guard cell.special.isEmpty else { return .nan }
            return spread(cell, dividedBy: count - 1, isRoot: moment == .sampleDeviation)
        case .populationVariance, .populationDeviation:
            guard cell.special.isEmpty else { return .nan }
            return spread(cell, dividedBy: count, isRoot: moment == .populationDeviation)
        }
    }

    /// The exponent of bit 0 of a group's sum; that of its squares is twice this.
    private func exponent(_ cell: FloatMomentCell) -> Int {
        cell.long != 0 ? LongSum.lowestExponent : (grid?.exponent ?? 0) - FloatGrid.step
    }

    /// Writes a group's sums as numbers in two's complement; returns their words.
    private func load(
        _ cell: FloatMomentCell, sum: UnsafeMutablePointer<UInt64>,
        squares: UnsafeMutablePointer<UInt64>
    ) -> (sum: Int, squares: Int) {
        let isLong = cell.long != 0
        // Without long sums, 3 and 5 words hold what is above the second grids.
        let counts =
            isLong
            ? (sum: LongSum.wordCount, squares: LongSum.squareWordCount) : (sum: 3, squares: 5)
        if isLong {
            let sums = pool.sums(cell.long)
            sum.update(from: sums.sum.words, count: counts.sum)
            if let long = sums.squares {
                squares.update(from: long.words, count: counts.squares)
            }
        } else {
            sum.update(repeating: 0, count: counts.sum)
            squares.update(repeating: 0, count: counts.squares)
        }
        let exponent = exponent(cell)
        if let grid {
            cell.addIntegers(
                grid,
                to: LongSums(
                    sum: LongSum(words: sum, count: counts.sum, exponent: exponent),
                    squares: LongSum(
                        words: squares, count: counts.squares, exponent: 2 * exponent)))
        }
        return counts
    }

    private func sum(_ cell: FloatMomentCell, dividedBy divisor: UInt64) -> Double {
        quotient.begin(dividingBy: divisor)
        let words = quotient.numerator
        let count = load(cell, sum: words, squares: sumWords).sum
        let isNegative = WordArithmetic.isNegative(words, count)
        if isNegative { WordArithmetic.negate(words, count) }
        let value = quotient.rounded(count, exponent: exponent(cell))
        return isNegative ? -value : value
    }

    /// (n·Σx² − (Σx)²) ÷ (n × divisor), exact up to the last step.
    private func spread(_ cell: FloatMomentCell, dividedBy divisor: UInt64, isRoot: Bool) -> Double
    {
        let count = UInt64(cell.count)
        quotient.begin(dividingBy: count, divisor)
        let squares = quotient.numerator
        let counts = load(cell, sum: sumWords, squares: squares)
        if WordArithmetic.isNegative(sumWords, counts.sum) {
            WordArithmetic.negate(sumWords, counts.sum)
        }
        squares[counts.squares] = 0
        WordArithmetic.multiply(squares, counts.squares + 1, by: count)
        let sumCount = WordArithmetic.significantCount(sumWords, counts.sum)
        let product = sumWords + LongSum.wordCount
        WordArithmetic.square(sumWords, sumCount, into: product)
        let productCount = WordArithmetic.significantCount(product, sumCount * 2)
        WordArithmetic.subtract(product, productCount, from: squares, counts.squares + 1)
        let exponent = 2 * exponent(cell)
        return isRoot
            ? quotient.squareRoot(counts.squares + 1, exponent: exponent)
            : quotient.rounded(counts.squares + 1, exponent: exponent)
    }
}
