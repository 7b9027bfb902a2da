package import StoaBase

/// What exact sums of floats have in common, with squares and without: the grids, runs of values
/// for the kernels, what does not fit the grids, merging.
package class FloatState: AggregateState {
    /// The grids; nil before the first value other than zero.
    private(set) final var grid: FloatGrid?
    private final var regridCount = 0
    private final let choice: FloatGridChoice
    /// Binary orders of magnitude that the grids represent whole.
    private final let span: Int
    final var pool: LongSumPool
    /// Rows that a kernel left out.
    final let outliers = RowList()
    final let quotient = ExactQuotient()
    private final let runs = FloatRuns()
    /// Values of which some are replaced with zero.
    private final let kept: UnsafeMutablePointer<Double>
    /// The rows of a batch that are all of one group.
    private final let selection: UnsafeMutablePointer<UInt64>

    init(choice: FloatGridChoice, span: Int, hasSquares: Bool, budget: MemoryBudget) {
        self.choice = choice
        self.span = span
        pool = LongSumPool(hasSquares: hasSquares, budget: budget)
        kept = .allocate(capacity: FloatRuns.wordLimit * 64)
        kept.initialize(repeating: 0, count: FloatRuns.wordLimit * 64)
        selection = .allocate(capacity: MaskWords.wordCountLimit)
        super.init(budget: budget)
    }

    deinit {
        kept.deallocate()
        selection.deallocate()
    }

    // MARK: What a kind of sum does

    /// Rows summed.
    func rowCount(of group: Int) -> Int64 { 0 }

    /// Takes over what the kernels need of new grids.
    func gridHasChanged(_ grid: FloatGrid) {}

    /// Adds words of 64 values, of which `count` are meant and the others zero, if all split.
    func addWords(
        _ values: UnsafePointer<Double>, _ wordCount: Int, count: Int, to group: Int
    ) -> Bool { false }

    /// Adds a value if it splits.
    func addSplit(_ value: Double, to group: Int) -> Bool { false }

    /// Whether a value splits.
    func splits(_ value: Double) -> Bool { false }

    /// Adds any value, by the long sums.
    func addOutlier(_ value: Double, to group: Int) throws(MemoryLimitReached) {}

    /// Moves a group's integers to its long sums.
    func flush(_ group: Int) throws(MemoryLimitReached) {}

    /// Adds rows that split to their groups. `outliers` gets the others, and rows that fill a
    /// cell.
    func addRows(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) {}

    // MARK: Adding

    /// Adds rows to their groups; null ones are skipped.
    package final func add(
        _ values: UnsafePointer<Double>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        let rowOf = { (index: Int) in Int(rows.rows[index]) }
        guard hasGrid(values, rowOf, rows.count) else {
            for index in 0..<rows.count { outliers.base[index] = UInt16(index) }
            outliers.count = rows.count
            return try addOutliers(values, validity, rows)
        }
        if rows.isWhole, rows.isOneGroup {
            if let validity {
                MaskWords.copy(validity, rowCount: rows.count, into: selection)
            } else {
                MaskWords.fill(selection, rowCount: rows.count)
            }
            return try add(
                values, mask: selection, rowCount: rows.count, to: Int(rows.groups[0]))
        }
        if groupCount <= FloatRuns.groupLimit, rows.count >= groupCount * 16 {
            return try addRuns(values, validity, rows)
        }
        outliers.count = 0
        addRows(values, validity, rows)
        if outliers.count > 0 { try addOutliers(values, validity, rows) }
    }

    /// Few groups: the values of each are laid out in a row and added by the kernels.
    private func addRuns(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) throws(MemoryLimitReached) {
        runs.begin(groupCount: groupCount)
        let (base, cursors, step) = (runs.base, runs.cursors, runs.stride)
        var strangeCount = 0
        for first in stride(from: 0, to: rows.count, by: runs.rowCount) {
            let end = min(first + runs.rowCount, rows.count)
            if groupCount <= 8, rows.isWhole {
                FloatKernels.scatterFew(
                    values + first, validity.map { $0 + first / 64 }, rows.groups + first,
                    end - first, into: base, cursors)
            } else {
                FloatKernels.place(validity, rows, first..<end, into: runs.places, cursors)
                FloatKernels.scatter(values, rows, first..<end, runs.places, into: base)
            }
            for group in 0..<groupCount {
                let count = Int(cursors[group]) - group * step
                if end == rows.count, count > 0 {
                    strangeCount += try addRun(base + group * step, count: count, to: group)
                } else if count >= 64 {
                    strangeCount += try addRun(base + group * step, count: count & ~63, to: group)
                    runs.drop(count & ~63, of: count, group)
                }
            }
        }
        try regrid(
            values, { Int(rows.rows[$0]) }, rows.count, strangeCount: strangeCount)
    }

    /// Adds values that stand in a row, with room behind them to fill their last word; how many
    /// do not split.
    private func addRun(
        _ run: UnsafeMutablePointer<Double>, count: Int, to group: Int
    ) throws(MemoryLimitReached) -> Int {
        (run + count).update(repeating: 0, count: (0 &- count) & 63)
        var strangeCount = 0
        for first in stride(from: 0, to: count, by: FloatRuns.wordLimit * 64) {
            let part = min(FloatRuns.wordLimit * 64, count - first)
            let wordCount = MaskWords.wordCount(part)
            runs.mask[wordCount - 1] = MaskWords.lastWordBits(part)
            strangeCount += try addRun(
                run + first, runs.mask, wordCount, count: part, to: group)
            runs.mask[wordCount - 1] = .max
        }
        return strangeCount
    }

    /// Adds all selected rows to one group.
    package final func add(
        _ values: UnsafePointer<Double>, mask: UnsafePointer<UInt64>, rowCount: Int, to group: Int
    ) throws(MemoryLimitReached) {
        let rowOf = { (row: Int) in row }
        guard hasGrid(values, rowOf, rowCount) else {
            for row in 0..<rowCount where MaskWords.isSet(mask, row) {
                try addOutlier(values[row], to: group)
            }
            return
        }
        var strangeCount = 0
        for first in stride(from: 0, to: rowCount, by: FloatRuns.wordLimit * 64) {
            let end = min(first + FloatRuns.wordLimit * 64, rowCount)
            let wordCount = MaskWords.wordCount(end - first)
            let words = mask + first / 64
            var count = 0
            for word in 0..<wordCount { count += words[word].nonzeroBitCount }
            guard count > 0 else { continue }
            var run = values + first
            if count < wordCount * 64 {
                FloatKernels.keep(run, words, count: end - first, into: kept)
                run = UnsafePointer(kept)
            }
            strangeCount += try addRun(run, words, wordCount, count: count, to: group)
        }
        try regrid(values, rowOf, rowCount, strangeCount: strangeCount)
    }

    /// Adds `count` values, those of some words whose bit is set, the others being zero, to one
    /// group; how many of them do not split.
    private func addRun(
        _ run: UnsafePointer<Double>, _ mask: UnsafePointer<UInt64>, _ wordCount: Int,
        count: Int, to group: Int
    ) throws(MemoryLimitReached) -> Int {
        let known = rowCount(of: group)
        let interval = FloatGrid.flushInterval
        if known / interval != (known + Int64(count)) / interval { try flush(group) }
        if addWords(run, wordCount, count: count, to: group) { return 0 }
        var strangeCount = 0
        for word in 0..<wordCount {
            var bits = mask[word]
            let values = run + word * 64
            let count = bits.nonzeroBitCount
            if wordCount > 1, addWords(values, 1, count: count, to: group) { continue }
            while bits != 0 {
                let value = values[bits.trailingZeroBitCount]
                bits &= bits &- 1
                if addSplit(value, to: group) { continue }
                strangeCount += 1
                try addOutlier(value, to: group)
            }
        }
        return strangeCount
    }

    /// Adds listed rows that do not split, and empties the cells of those that do.
    private func addOutliers(
        _ values: UnsafePointer<Double>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) throws(MemoryLimitReached) {
        var strangeCount = 0
        for position in 0..<outliers.count {
            let index = Int(outliers.base[position])
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let group = Int(rows.groups[index])
            if splits(values[row]) {
                try flush(group)
            } else {
                strangeCount += 1
                try addOutlier(values[row], to: group)
            }
        }
        try regrid(values, { Int(rows.rows[$0]) }, rows.count, strangeCount: strangeCount)
    }

    /// Adds any value to a cell, by the long sums.
    @inline(__always)
    final func addOutlier<Cell: FloatCell>(
        _ value: Double, to cell: UnsafeMutablePointer<Cell>
    ) throws(MemoryLimitReached) {
        cell.pointee.count &+= 1
        if cell.pointee.count & (FloatGrid.flushInterval - 1) == 0 { try flush(cell) }
        guard value.isFinite else { return cell.pointee.special.note(value) }
        guard value != 0 else { return }
        try makeLong(cell)
        pool.sums(cell.pointee.long).add(value)
    }

    /// Moves a cell's integers to its long sums.
    @inline(__always)
    final func flush<Cell: FloatCell>(
        _ cell: UnsafeMutablePointer<Cell>
    ) throws(MemoryLimitReached) {
        guard cell.pointee.hasIntegers, let grid else { return }
        try makeLong(cell)
        cell.pointee.addIntegers(grid, to: pool.sums(cell.pointee.long))
        cell.pointee.clearIntegers()
    }

    @inline(__always)
    private func makeLong<Cell: FloatCell>(
        _ cell: UnsafeMutablePointer<Cell>
    ) throws(MemoryLimitReached) {
        var long = cell.pointee.long
        guard long == 0 else { return }
        try pool.makeIfNeeded(&long)
        cell.pointee.long = long
    }

    // MARK: Grids

    /// Chooses the grids when there are none; false when no value tells which.
    private func hasGrid(
        _ values: UnsafePointer<Double>, _ rows: (Int) -> Int, _ count: Int
    ) -> Bool {
        if grid != nil { return true }
        guard count > 0 else { return false }
        let found = choice.first {
            FloatGrid.fitting(values, rows: rows, count: count, span: span)
        }
        guard let found else { return false }
        setGrid(found)
        return true
    }

    private func setGrid(_ found: FloatGrid) {
        grid = found
        gridHasChanged(found)
    }

    /// Takes other grids when too many values of a batch did not fit: a few times, and not when
    /// very many groups would need long sums for it.
    private func regrid(
        _ values: UnsafePointer<Double>, _ rows: (Int) -> Int, _ count: Int, strangeCount: Int
    ) throws(MemoryLimitReached) {
        guard strangeCount >= 64, strangeCount * 8 > count, regridCount < 8, groupCount < 1 << 16,
            let found = FloatGrid.fitting(values, rows: rows, count: count, span: span),
            found != grid
        else { return }
        regridCount += 1
        for group in 0..<groupCount { try flush(group) }
        setGrid(found)
    }

    // MARK: Merging

    /// Adds cells of another state to some of this one's.
    @inline(__always)
    final func merge<Cell: FloatCell>(
        _ sources: UnsafePointer<Cell>, of other: FloatState,
        into targets: UnsafeMutablePointer<Cell>, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        if grid == nil, let found = other.grid { setGrid(found) }
        for index in 0..<pairs.count {
            let source = sources[Int(pairs.sources[index])]
            let target = targets + Int(pairs.targets[index])
            target.pointee.count &+= source.count
            target.pointee.special.formUnion(source.special)
            if source.hasIntegers, let grid = other.grid,
                grid != self.grid || !target.pointee.takeIntegers(of: source)
            {
                // The count jumps past what would have emptied the target's own.
                try flush(target)
                try makeLong(target)
                source.addIntegers(grid, to: pool.sums(target.pointee.long))
            }
            guard source.long != 0 else { continue }
            try makeLong(target)
            pool.sums(target.pointee.long).add(other.pool.sums(source.long))
        }
    }
}
