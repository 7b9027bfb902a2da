internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Keeps rows and brings them into order; with a limit it keeps about twice as many as it needs,
/// and passes by what cannot be among them. What memory cannot hold becomes sorted runs of a
/// temporary file.
final class RowSorter: @unchecked Sendable {
    // SAFETY: one worker uses it at a time; phases hand it on through the job's lock.
    let types: [ColumnType]
    let order: SortOrder
    private let budget: MemoryBudget
    private let limit: Int?
    /// Throws when the query is to end; asked often enough that nobody waits for a sort.
    private let check: () throws(ServiceError) -> Void
    private let makeSpillFile: () -> SpillFile
    private var spillFile: SpillFile?
    /// Comparisons between two checks: of the longest strings a few milliseconds.
    private static let comparisonCount = 64
    /// Rows between two checks where each costs little.
    private static let rowCountPerCheck = 1 << 16
    private(set) var rows: StoredRows
    /// What was written, each in order.
    private(set) var runs: [SortedRun] = []
    /// With a limit and enough rows: no row whose first key has a greater rank is wanted.
    private(set) var threshold: UInt64?
    /// Held for sorting the rows: who is short of memory can at least sort what it has.
    private var sortingByteCount = 0
    private static let sortingByteCountPerRow = 2 * (MemoryLayout<RankedRow>.stride + 4)
    /// Bytes that are worth a run.
    private let runByteCount: Int

    /// - Parameters:
    ///   - limit: Rows that are wanted in the end; nil is all.
    ///   - runByteCount: Bytes of rows from which on they are written when memory is short.
    init(
        types: [ColumnType], order: SortOrder, limit: Int?, budget: MemoryBudget,
        runByteCount: Int, makeSpillFile: @escaping () -> SpillFile,
        check: @escaping () throws(ServiceError) -> Void
    ) {
        self.check = check
        self.types = types
        self.order = order
        self.limit = limit
        self.budget = budget
        self.runByteCount = runByteCount
        self.makeSpillFile = makeSpillFile
        rows = StoredRows(types: types, order: order, budget: budget)
    }

    deinit { budget.release(sortingByteCount) }

    var rowCount: Int { rows.rowCount }

    // MARK: Adding

    /// Adds rows: one vector per column. `place` is a row's number among all, by its index here.
    func append(
        _ vectors: [Vector], rows selected: UnsafePointer<UInt16>, count: Int,
        loaders: [NumberLoader], place: (Int) -> UInt64
    ) throws(ServiceError) {
        guard count > 0 else { return }
        do throws(ServiceError) {
            try add(vectors, selected, count, loaders, place)
        } catch {
            guard error.code == .memoryLimit, rowCount > 0 else { throw error }
            try spill()
            try add(vectors, selected, count, loaders, place)
        }
        if let limit, rowCount >= 2 * limit + 2 * Limits.batchRows {
            do throws(ServiceError) {
                try prune(limit)
            } catch {
                guard error.code == .memoryLimit else { throw error }
                try spill()
            }
        }
        try spillIfShort()
    }

    private func add(
        _ vectors: [Vector], _ selected: UnsafePointer<UInt16>, _ count: Int,
        _ loaders: [NumberLoader], _ place: (Int) -> UInt64
    ) throws(ServiceError) {
        try reserveSorting(of: rowCount + count)
        try rows.append(vectors, rows: selected, count: count, loaders: loaders, place: place)
    }

    private func reserveSorting(of count: Int) throws(ServiceError) {
        let more = count * Self.sortingByteCountPerRow - sortingByteCount
        guard more > 0 else { return }
        try withinBudget { () throws(MemoryLimitReached) in try budget.reserve(more) }
        sortingByteCount += more
    }

    /// The rows of a batch that may be among the wanted, by their first key alone.
    func select(
        _ vector: Vector, rows: UnsafeMutablePointer<UInt16>, count: Int, loader: NumberLoader
    ) throws(ServiceError) -> Int {
        guard limit != nil, let key = order.keys.first else { return count }
        let type = types[key.column]
        guard type != .string else { return count }
        let keys = try loader.rankKeys(vector, type: type)
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { ranks in
            for index in 0..<count {
                let row = Int(rows[index])
                let isNull = vector.validity.map { !MaskWords.isSet($0, row) } ?? false
                let prefix = UInt64(bitPattern: keys[row]) ^ 1 << 63
                ranks[index] = StoredRows.ranked(prefix, isNull: isNull, key)
            }
            return select(rows, ranks, count: count)
        }
    }

    /// Makes another sorter's bound this one's too.
    func tighten(_ rank: UInt64) { threshold = min(threshold ?? rank, rank) }

    /// Keeps the rows up to the threshold, which the rows themselves lower when they are many.
    private func select(
        _ rows: UnsafeMutablePointer<UInt16>, _ ranks: UnsafeMutableBufferPointer<UInt64>,
        count: Int
    ) -> Int {
        var kept = keep(rows, ranks, count: count, upTo: threshold ?? .max)
        // So many rows of one batch already show where the last wanted one is at most.
        if let limit, kept > 2 * limit, kept > 64 {
            let sorted = ranks[..<kept].sorted()
            tighten(sorted[limit - 1])
            kept = keep(rows, ranks, count: kept, upTo: sorted[limit - 1])
        }
        return kept
    }

    private func keep(
        _ rows: UnsafeMutablePointer<UInt16>, _ ranks: UnsafeMutableBufferPointer<UInt64>,
        count: Int, upTo last: UInt64
    ) -> Int {
        var kept = 0
        for index in 0..<count {
            let rank = ranks[index]
            rows[kept] = rows[index]
            ranks[kept] = rank
            kept += rank <= last ? 1 : 0
        }
        return kept
    }

    /// Adds the rows of another sorter of the same order that has no runs, or none when it throws.
    func append(_ other: RowSorter) throws(ServiceError) {
        try reserveSorting(of: rowCount + other.rowCount)
        try check()
        let all = (0..<UInt32(other.rowCount)).map { $0 }
        try rows.append(other.rows, rows: all[...], check: check)
    }

    private func prune(_ limit: Int) throws(ServiceError) {
        let kept = try sorted(first: limit)[...]
        let survivors = StoredRows(types: types, order: order, budget: budget)
        try survivors.append(rows, rows: kept, check: check)
        if let worst = kept.last { tighten(rows.rank(Int(worst))) }
        rows = survivors
    }

    // MARK: Runs

    /// Writes the rows when half of the memory is taken and it is worth it: the rest is for those
    /// who cannot write what they have.
    private func spillIfShort() throws(ServiceError) {
        guard budget.reservedByteCount > budget.byteCountLimit / 2 else { return }
        try relieve()
    }

    /// Writes the rows as a run if they are enough for one; whether they were.
    @discardableResult
    func relieve() throws(ServiceError) -> Bool {
        guard rows.byteCount + sortingByteCount >= runByteCount else { return false }
        try spill()
        return true
    }

    /// Writes the rows as a run and forgets them.
    func spill() throws(ServiceError) {
        guard rowCount > 0 else { return }
        let file = spillFile ?? makeSpillFile()
        spillFile = file
        let order = try sorted(first: limit ?? .max)
        if let limit, order.count == limit, let worst = order.last {
            tighten(rows.rank(Int(worst)))
        }
        runs.append(try SortedRun(rows, order[...], file, check: check))
        rows = StoredRows(types: types, order: self.order, budget: budget)
        budget.release(sortingByteCount)
        sortingByteCount = 0
    }

    // MARK: Order

    /// The numbers of the first rows in order; all rows at most.
    func sorted(first wanted: Int = .max) throws(ServiceError) -> [UInt32] {
        try reserveSorting(of: rowCount)
        var entries: [RankedRow] = []
        entries.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            if row % Self.rowCountPerCheck == 0 { try check() }
            entries.append(RankedRow(rank: rows.rank(row), row: UInt32(row)))
        }
        try RankSort.sort(&entries, check: check)
        let keys = rows.keyCells()
        var first = 0
        var nextCheck = 0
        while first < entries.count, first < wanted {
            if first >= nextCheck {
                try check()
                nextCheck = first + Self.rowCountPerCheck
            }
            var end = first + 1
            while end < entries.count, entries[end].rank == entries[first].rank { end += 1 }
            if end - first > 1 {
                try sortTies(&entries[first..<end], first: wanted - first, keys)
            }
            first = end
        }
        return entries.prefix(wanted).map(\.row)
    }

    /// Rows of a rank that are found by comparing each with the best so far.
    private static let fewCount = 32

    /// Brings the first `wanted` rows of one rank into order.
    private func sortTies(
        _ ties: inout ArraySlice<RankedRow>, first wanted: Int, _ keys: [KeyCells]
    ) throws(ServiceError) {
        let rows = rows
        var left = Self.comparisonCount
        let isFew = wanted <= Self.fewCount && wanted * 4 < ties.count
        do {
            try keys.withUnsafeBufferPointer { keys in
                let precedes = { (first: RankedRow, second: RankedRow) in
                    left -= 1
                    if left == 0 {
                        left = Self.comparisonCount
                        try self.check()
                    }
                    let (first, second) = (Int(first.row), Int(second.row))
                    return KeyCells.precedes(keys, first, keys, second)
                        ?? (rows.place(first) < rows.place(second))
                }
                if isFew {
                    try Self.moveFirst(wanted, of: &ties, precedes)
                } else {
                    try ties.sort(by: precedes)
                }
            }
        } catch {
            throw error as? ServiceError ?? ServiceError(.cancelled, "The query was cancelled.")
        }
    }

    /// Brings the first few rows to the front, in order.
    private static func moveFirst(
        _ wanted: Int, of rows: inout ArraySlice<RankedRow>,
        _ precedes: (RankedRow, RankedRow) throws -> Bool
    ) throws {
        var best: [RankedRow] = []
        for row in rows {
            if best.count == wanted, let worst = best.last, try !precedes(row, worst) { continue }
            var place = best.count
            while place > 0, try precedes(row, best[place - 1]) { place -= 1 }
            best.insert(row, at: place)
            if best.count > wanted { best.removeLast() }
        }
        // Who stands behind the wanted does not matter, nor that some stand there twice.
        for (index, row) in best.enumerated() { rows[rows.startIndex + index] = row }
    }

    /// Rows of one column as a vector.
    func vector(
        column: Int, _ selected: ArraySlice<UInt32>, into buffers: ResultBuffers
    ) throws(ServiceError) -> Vector {
        try rows.vector(column: column, selected, into: buffers)
    }
}
