package import StoaBase

/// The exact sums of floats and of their squares, with counts; of `var_pop`, `var_samp`,
/// `stddev_pop` and `stddev_samp`, and of `sum` and `avg` beside them.
///
/// A value x is added as four numbers at once: x, the two parts of x² (see `FloatGrid`), and 1 for
/// the count; each has a place in two vectors of integers, one for each grid.
package final class FloatMomentState: AggregateState {
    /// What of a group is asked for.
    package enum Moment: Sendable {
        case sum, average, populationVariance, sampleVariance, populationDeviation
        case sampleDeviation
    }

    /// One group: x, hi, lo and the count in units of the first grids; and of the second grids,
    /// where the last place holds the position of the long sums and, above it, the specials.
    private struct Cell: BitwiseCopyable {
        var first = SIMD4<Int64>()
        var second = SIMD4<Int64>()

        var count: Int64 {
            get { first.w }
            set { first.w = newValue }
        }
        var long: UInt32 {
            get { UInt32(truncatingIfNeeded: second.w) }
            set { second.w = second.w & ~0xFFFF_FFFF | Int64(newValue) }
        }
        var special: FloatSpecials {
            get { FloatSpecials(rawValue: UInt8(truncatingIfNeeded: second.w &>> 32)) }
            set { second.w = second.w & 0xFFFF_FFFF | Int64(newValue.rawValue) &<< 32 }
        }
        var hasIntegers: Bool {
            first.x | first.y | first.z | second.x | second.y | second.z != 0
        }
    }

    /// What splits a value and its square, as vectors.
    private struct Shifts {
        let first: SIMD4<Double>
        let second: SIMD4<Double>
        let firstBits: SIMD4<Int64>
        let secondBits: SIMD4<Int64>
        let limit: Double

        /// The same for the kernel of 64 values.
        var kernel: FloatKernels.MomentShifts {
            (
                (first.x, second.x), (first.y, second.y), (first.z, second.z), limit
            )
        }

        init(_ grid: FloatGrid) {
            let step = FloatGrid.step
            first = SIMD4(
                grid.firstShift, FloatGrid.shift(grid.highExponent),
                FloatGrid.shift(grid.lowExponent), 0)
            second = SIMD4(
                grid.secondShift, FloatGrid.shift(grid.highExponent - step),
                FloatGrid.shift(grid.lowExponent - step), 0)
            // SAFETY: lanes of the same size.
            var bits = unsafeBitCast(first, to: SIMD4<Int64>.self)
            // 0 less this is 1: the count goes up with the sums.
            bits.w = -1
            firstBits = bits
            // SAFETY: lanes of the same size.
            secondBits = unsafeBitCast(second, to: SIMD4<Int64>.self)
            limit = grid.limit
        }

        /// The integers of one value; false when it does not split.
        @inline(__always)
        func split(
            _ value: Double, _ body: (_ first: SIMD4<Int64>, _ second: SIMD4<Int64>) -> Void
        ) -> Bool {
            let square = value * value
            let numbers = SIMD4(value, square, (-square).addingProduct(value, value), 0)
            let high = numbers + first
            let rest = numbers - (high - first)
            let low = rest + second
            // SAFETY: lanes of the same size.
            let left = unsafeBitCast(rest - (low - second), to: SIMD4<UInt64>.self)
            let pair = left.lowHalf | left.highHalf
            // Twice the bits are zero for 0.0 and for -0.0.
            guard (pair.x | pair.y) &<< 1 == 0, value.magnitude < limit else { return false }
            body(
                // SAFETY: lanes of the same size.
                unsafeBitCast(high, to: SIMD4<Int64>.self) &- firstBits,
                unsafeBitCast(low, to: SIMD4<Int64>.self) &- secondBits)
            return true
        }
    }

    /// 64 values of each of a few groups, on their way into the sums.
    private final class Buckets {
        let base: UnsafeMutablePointer<Double>
        /// Values in each.
        let fills: UnsafeMutablePointer<UInt8>

        init(count: Int) {
            base = .allocate(capacity: count * 64)
            base.initialize(repeating: 0, count: count * 64)
            fills = .allocate(capacity: count)
            fills.initialize(repeating: 0, count: count)
        }

        deinit {
            base.deallocate()
            fills.deallocate()
        }
    }

    private var cells: GrowingBuffer<Cell>
    private var pool: LongSumPool
    private var grid: FloatGrid?
    private var regridCount = 0
    private let choice: FloatGridChoice
    private let outliers = RowList()
    private let quotient = ExactQuotient()
    private let buckets = Buckets(count: bucketLimit)
    /// Groups up to which values are collected by group.
    private static let bucketLimit = 64
    private let sumWords: UnsafeMutablePointer<UInt64>
    /// Binary orders of magnitude whose squares the grids represent whole.
    private static let span = 22

    /// - Parameter choice: Shared by the states that are merged.
    package init(choice: FloatGridChoice = FloatGridChoice(), budget: MemoryBudget) {
        self.choice = choice
        cells = GrowingBuffer(budget: budget)
        pool = LongSumPool(hasSquares: true, budget: budget)
        sumWords = .allocate(capacity: LongSum.squareWordCount * 2 + 4)
        sumWords.initialize(repeating: 0, count: LongSum.squareWordCount * 2 + 4)
        super.init(budget: budget)
    }

    deinit { sumWords.deallocate() }

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
        let rowOf = { (index: Int) in Int(rows.rows[index]) }
        let grid = grid(values, rowOf, rows.count)
        outliers.count = 0
        guard let grid else {
            for index in 0..<rows.count { outliers.base[index] = UInt16(index) }
            outliers.count = rows.count
            return try addOutliers(values, validity, rows, nil)
        }
        let shifts = Shifts(grid)
        if groupCount <= Self.bucketLimit, rows.count >= groupCount * 16 {
            return try addBuckets(values, validity, rows, shifts)
        }
        let cells = cells.base
        let outliers = outliers.base
        var outlierCount = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            outliers[outlierCount] = UInt16(truncatingIfNeeded: index)
            let cell = cells + Int(rows.groups[index])
            var count: Int64 = 0
            let fits = shifts.split(values[row]) { first, second in
                let sum = cell.pointee.first &+ first
                cell.pointee.first = sum
                cell.pointee.second = cell.pointee.second &+ second
                count = sum.w & (FloatGrid.flushInterval &- 1)
            }
            // A full cell is listed as well: its numbers go to the long sums.
            outlierCount &+= fits && count != 0 ? 0 : 1
        }
        self.outliers.count = outlierCount
        if outlierCount > 0 { try addOutliers(values, validity, rows, shifts) }
    }

    /// Few groups: 64 values of a group are collected and added at once.
    private func addBuckets(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows,
        _ shifts: Shifts
    ) throws(MemoryLimitReached) {
        let (kernel, buckets, fills) = (shifts.kernel, buckets.base, buckets.fills)
        var strangeCount = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            let group = Int(rows.groups[index])
            let fill = Int(fills[group])
            // A null row's value is written and then written over: a branch would often be
            // mistaken.
            buckets[group &* 64 &+ fill] = values[row]
            let step = validity.map { UInt8(truncatingIfNeeded: MaskWords.bit($0, row)) } ?? 1
            let next = UInt8(truncatingIfNeeded: fill) &+ step
            fills[group] = next
            guard next == 64 else { continue }
            strangeCount += try addRun(buckets + group &* 64, 64, to: group, shifts, kernel)
            fills[group] = 0
        }
        for group in 0..<groupCount where fills[group] > 0 {
            let fill = Int(fills[group])
            let bucket = buckets + group * 64
            (bucket + fill).update(repeating: 0, count: 64 - fill)
            strangeCount += try addRun(bucket, fill, to: group, shifts, kernel)
            fills[group] = 0
        }
        try regrid(
            values, { Int(rows.rows[$0]) }, rows.count, strangeCount: strangeCount)
    }

    /// Adds the first `count` of 64 values, the others being zero, to one group; how many of them
    /// do not split.
    private func addRun(
        _ run: UnsafePointer<Double>, _ count: Int, to group: Int, _ shifts: Shifts,
        _ kernel: FloatKernels.MomentShifts
    ) throws(MemoryLimitReached) -> Int {
        let known = cells.base[group].count
        let interval = FloatGrid.flushInterval
        if known / interval != (known + Int64(count)) / interval { try flush(group) }
        let moments = FloatKernels.moments(run, kernel)
        if moments.isExact {
            let cell = cells.base + group
            var first = moments.first
            first.w = Int64(count)
            cell.pointee.first = cell.pointee.first &+ first
            cell.pointee.second = cell.pointee.second &+ moments.second
            return 0
        }
        var strangeCount = 0
        for index in 0..<count {
            let cell = cells.base + group
            let fits = shifts.split(run[index]) { first, second in
                cell.pointee.first = cell.pointee.first &+ first
                cell.pointee.second = cell.pointee.second &+ second
            }
            if fits { continue }
            strangeCount += 1
            try addOutlier(run[index], to: group)
        }
        return strangeCount
    }

    /// Adds listed rows that do not split, and empties the cells of those that do.
    private func addOutliers(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows,
        _ shifts: Shifts?
    ) throws(MemoryLimitReached) {
        var strangeCount = 0
        for position in 0..<outliers.count {
            let index = Int(outliers.base[position])
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let group = Int(rows.groups[index])
            if let shifts, shifts.split(values[row], { _, _ in }) {
                try flush(group)
            } else {
                strangeCount += 1
                try addOutlier(values[row], to: group)
            }
        }
        try regrid(
            values, { Int(rows.rows[$0]) }, rows.count, strangeCount: strangeCount)
    }

    private func addOutlier(_ value: Double, to group: Int) throws(MemoryLimitReached) {
        cells.base[group].count &+= 1
        if cells.base[group].count & (FloatGrid.flushInterval - 1) == 0 { try flush(group) }
        guard value.isFinite else { return cells.base[group].special.note(value) }
        guard value != 0 else { return }
        try makeLong(group)
        let long = cells.base[group].long
        pool.sum(long).add(value)
        pool.squares(long).addSquare(value)
    }

    private func makeLong(_ group: Int) throws(MemoryLimitReached) {
        var long = cells.base[group].long
        guard long == 0 else { return }
        try pool.makeIfNeeded(&long)
        cells.base[group].long = long
    }

    /// Adds all selected rows to one group.
    package func add(
        _ values: UnsafePointer<Double>, mask: UnsafePointer<UInt64>, rowCount: Int, to group: Int
    ) throws(MemoryLimitReached) {
        let rowOf = { (row: Int) in row }
        guard let grid = grid(values, rowOf, rowCount) else {
            for row in 0..<rowCount where MaskWords.isSet(mask, row) {
                try addOutlier(values[row], to: group)
            }
            return
        }
        let shifts = Shifts(grid)
        let kernel = shifts.kernel
        let bucket = buckets.base + group % Self.bucketLimit * 64
        var strangeCount = 0
        for word in 0..<MaskWords.wordCount(rowCount) {
            let bits = mask[word]
            guard bits != 0 else { continue }
            let numbers = values + word &* 64
            guard bits != .max else {
                strangeCount += try addRun(numbers, 64, to: group, shifts, kernel)
                continue
            }
            var (rest, count) = (bits, 0)
            while rest != 0 {
                bucket[count] = numbers[rest.trailingZeroBitCount]
                count &+= 1
                rest &= rest &- 1
            }
            (bucket + count).update(repeating: 0, count: 64 - count)
            strangeCount += try addRun(bucket, count, to: group, shifts, kernel)
        }
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
    /// very many groups would need long sums for it.
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

    /// Moves a group's integers to its long sums.
    private func flush(_ group: Int) throws(MemoryLimitReached) {
        guard cells.base[group].hasIntegers, let grid else { return }
        try makeLong(group)
        let cell = cells.base[group]
        Self.add(cell, grid, to: pool.sum(cell.long), pool.squares(cell.long))
        cells.base[group].first.replace(
            with: 0, where: SIMDMask<SIMD4<Int64>>([true, true, true, false]))
        cells.base[group].second.replace(
            with: 0, where: SIMDMask<SIMD4<Int64>>([true, true, true, false]))
    }

    private static func add(
        _ cell: Cell, _ grid: FloatGrid, to sum: LongSum, _ squares: LongSum
    ) {
        let step = FloatGrid.step
        func total(_ index: Int) -> Int128 {
            Int128(cell.first[index]) << Int128(step) + Int128(cell.second[index])
        }
        sum.add(total(0), exponent: grid.exponent - step)
        squares.add(total(1), exponent: grid.highExponent - step)
        squares.add(total(2), exponent: grid.lowExponent - step)
    }

    // MARK: Merging

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? FloatMomentState else { return }
        if grid == nil { grid = other.grid }
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            let cell = other.cells.base[source]
            try addIntegers(of: cell, grid: other.grid, to: target)
            cells.base[target].special.formUnion(cell.special)
            guard cell.long != 0 else { continue }
            try makeLong(target)
            let long = cells.base[target].long
            pool.sum(long).add(other.pool.sum(cell.long))
            pool.squares(long).add(other.pool.squares(cell.long))
        }
    }

    private func addIntegers(
        of cell: Cell, grid other: FloatGrid?, to group: Int
    ) throws(MemoryLimitReached) {
        var (first, second) = (cell.first, cell.second)
        first.w = 0
        second.w = 0
        let target = cells.base[group]
        cells.base[group].count = target.count &+ cell.count
        guard cell.hasIntegers, let other else { return }
        // Halves below 2^61 each add up to less than 2^62.
        if other == grid, Self.isSmall(cell), Self.isSmall(target) {
            cells.base[group].first = cells.base[group].first &+ first
            cells.base[group].second = target.second &+ second
            return
        }
        try makeLong(group)
        let long = cells.base[group].long
        Self.add(cell, other, to: pool.sum(long), pool.squares(long))
    }

    private static func isSmall(_ cell: Cell) -> Bool {
        let limit = FloatGrid.restLimit / 2
        for index in 0..<3 {
            if cell.first[index].magnitude > limit { return false }
            if cell.second[index].magnitude > limit { return false }
        }
        return true
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
    private func exponent(_ cell: Cell) -> Int {
        cell.long != 0 ? LongSum.lowestExponent : (grid?.exponent ?? 0) - FloatGrid.step
    }

    /// Writes a group's sums as numbers in two's complement; returns their words.
    private func load(
        _ cell: Cell, sum: UnsafeMutablePointer<UInt64>, squares: UnsafeMutablePointer<UInt64>
    ) -> (sum: Int, squares: Int) {
        let isLong = cell.long != 0
        // Without long sums, 3 and 5 words hold what is above the second grids.
        let counts =
            isLong
            ? (sum: LongSum.wordCount, squares: LongSum.squareWordCount) : (sum: 3, squares: 5)
        if isLong {
            sum.update(from: pool.sum(cell.long).words, count: counts.sum)
            squares.update(from: pool.squares(cell.long).words, count: counts.squares)
        } else {
            sum.update(repeating: 0, count: counts.sum)
            squares.update(repeating: 0, count: counts.squares)
        }
        let exponent = exponent(cell)
        if let grid {
            Self.add(
                cell, grid, to: LongSum(words: sum, count: counts.sum, exponent: exponent),
                LongSum(words: squares, count: counts.squares, exponent: 2 * exponent))
        }
        return counts
    }

    private func sum(_ cell: Cell, dividedBy divisor: UInt64) -> Double {
        quotient.begin(dividingBy: divisor)
        let words = quotient.numerator
        let count = load(cell, sum: words, squares: sumWords).sum
        let isNegative = WordArithmetic.isNegative(words, count)
        if isNegative { WordArithmetic.negate(words, count) }
        let value = quotient.rounded(count, exponent: exponent(cell))
        return isNegative ? -value : value
    }

    /// (n·Σx² − (Σx)²) ÷ (n × divisor), exact up to the last step.
    private func spread(_ cell: Cell, dividedBy divisor: UInt64, isRoot: Bool) -> Double {
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
