package import StoaBase

/// The exact sums of integers or unscaled decimals and of their squares, with counts; of the
/// variances and deviations.
///
/// A number has at most 127 bits, its square 254; both sums have 6 words, which 2^63 rows cannot
/// overflow. Numbers of 64 bits are added to three 128-bit sums: the number, and the halves of
/// its square apart.
package final class IntegerMomentState: AggregateState {
    private struct Cell: BitwiseCopyable {
        var sum: Int128 = 0
        var low: UInt128 = 0
        var high: UInt128 = 0
        var count: Int64 = 0
    }

    private var cells: GrowingBuffer<Cell>
    /// Of wide numbers: for each group the words of the sum, then those of the squares.
    private var words: GrowingBuffer<UInt64>
    private let isWide: Bool
    private let quotient = ExactQuotient()
    private let scratch: UnsafeMutablePointer<UInt64>
    private static let wordCount = 6

    /// - Parameter isWide: Whether numbers of 128 bits may come.
    package init(isWide: Bool, budget: MemoryBudget) {
        self.isWide = isWide
        cells = GrowingBuffer(budget: budget)
        words = GrowingBuffer(budget: budget)
        scratch = .allocate(capacity: Self.wordCount * 3)
        scratch.initialize(repeating: 0, count: Self.wordCount * 3)
        super.init(budget: budget)
    }

    deinit { scratch.deallocate() }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try cells.reserve(count, used: used)
        let size = Self.wordCount * 2
        if isWide { try words.reserve(count * size, used: used * size) }
    }

    override func initialize(_ groups: Range<Int>) {
        (cells.base + groups.lowerBound).update(repeating: Cell(), count: groups.count)
        let size = Self.wordCount * 2
        guard isWide else { return }
        (words.base + groups.lowerBound * size).update(repeating: 0, count: groups.count * size)
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        _ values: UnsafePointer<Int64>, isUnsigned: Bool, validity: UnsafePointer<UInt64>?,
        rows: GroupedRows
    ) {
        let cells = cells.base
        rows.forEach(validity) { row, group in
            let cell = cells + group
            let pattern = UInt64(bitPattern: values[row])
            let isNegative = !isUnsigned && values[row] < 0
            let magnitude = isNegative ? 0 &- pattern : pattern
            let square = magnitude.multipliedFullWidth(by: magnitude)
            cell.pointee.sum &+= isUnsigned ? Int128(pattern) : Int128(values[row])
            cell.pointee.low &+= UInt128(square.low)
            cell.pointee.high &+= UInt128(square.high)
            cell.pointee.count &+= 1
        }
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        wide values: UnsafePointer<Int128>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) {
        invariant(isWide, "the state was made for wide numbers")
        let count = Self.wordCount
        rows.forEach(validity) { row, group in
            let value = values[row]
            let sum = words.base + group &* count &* 2
            WordArithmetic.add(
                value.magnitude, isNegative: value < 0, atBit: 0, to: sum, count)
            let square = value.magnitude.multipliedFullWidth(by: value.magnitude)
            WordArithmetic.add(square.low, isNegative: false, atBit: 0, to: sum + count, count)
            WordArithmetic.add(square.high, isNegative: false, atBit: 128, to: sum + count, count)
            cells.base[group].count &+= 1
        }
    }

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? IntegerMomentState else { return }
        let count = Self.wordCount
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            let cell = other.cells.base[source]
            cells.base[target].sum &+= cell.sum
            cells.base[target].low &+= cell.low
            cells.base[target].high &+= cell.high
            cells.base[target].count &+= cell.count
            guard isWide else { continue }
            let from = other.words.base + source * count * 2
            let into = words.base + target * count * 2
            WordArithmetic.add(from, to: into, count)
            WordArithmetic.add(from + count, to: into + count, count)
        }
    }

    /// Rows summed.
    @inline(__always)
    package func count(_ group: Int) -> Int64 { cells.base[group].count }

    /// A variance or deviation of a group, rounded once; nil for none, or for one when two are
    /// needed.
    ///
    /// - Parameter scale: Digits after the point of the numbers.
    package func value(
        _ moment: FloatMomentState.Moment, of group: Int, scale: Int
    ) -> Double? {
        let isSample = moment == .sampleVariance || moment == .sampleDeviation
        let isRoot = moment == .populationDeviation || moment == .sampleDeviation
        let rowCount = UInt64(cells.base[group].count)
        guard rowCount > (isSample ? 1 : 0) else { return nil }
        quotient.begin(
            dividingBy: rowCount, isSample ? rowCount - 1 : rowCount, timesTenTo: 2 * scale)
        let squares = quotient.numerator
        let count = Self.wordCount
        load(group, sum: scratch, squares: squares)
        if WordArithmetic.isNegative(scratch, count) { WordArithmetic.negate(scratch, count) }
        WordArithmetic.multiply(squares, count, by: rowCount)
        let sumCount = WordArithmetic.significantCount(scratch, count)
        WordArithmetic.square(scratch, sumCount, into: scratch + count)
        let productCount = WordArithmetic.significantCount(scratch + count, sumCount * 2)
        WordArithmetic.subtract(scratch + count, productCount, from: squares, count)
        return isRoot
            ? quotient.squareRoot(count, exponent: 0) : quotient.rounded(count, exponent: 0)
    }

    private func load(
        _ group: Int, sum: UnsafeMutablePointer<UInt64>, squares: UnsafeMutablePointer<UInt64>
    ) {
        let count = Self.wordCount
        if isWide {
            sum.update(from: words.base + group * count * 2, count: count)
            squares.update(from: words.base + group * count * 2 + count, count: count)
        } else {
            sum.update(repeating: 0, count: count)
            squares.update(repeating: 0, count: count)
        }
        let cell = cells.base[group]
        WordArithmetic.add(
            cell.sum.magnitude, isNegative: cell.sum < 0, atBit: 0, to: sum, count)
        WordArithmetic.add(cell.low, isNegative: false, atBit: 0, to: squares, count)
        WordArithmetic.add(cell.high, isNegative: false, atBit: 64, to: squares, count)
    }
}
