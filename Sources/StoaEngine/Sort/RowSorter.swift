internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Keeps rows and brings them into order; with a limit it keeps about twice as many as it needs,
/// and passes by what cannot be among them.
final class RowSorter: @unchecked Sendable {
    // SAFETY: one worker uses it at a time; phases hand it on through the job's lock.
    private let types: [ColumnType]
    private let order: SortOrder
    private let budget: MemoryBudget
    private let limit: Int?
    /// Throws when the query is to end; asked often enough that nobody waits for a sort.
    private let check: () throws(ServiceError) -> Void
    /// Comparisons between two checks, a few milliseconds.
    private static let comparisonCount = 1 << 16
    private var columns: [StoredColumn]
    /// Where each row comes from, the last word on ties.
    private var places: GrowingBuffer<UInt64>
    private var placeCells: UnsafeMutablePointer<UInt64>
    private(set) var rowCount = 0
    /// With a limit and enough rows: no row whose first key has a greater rank is wanted.
    private(set) var threshold: UInt64?

    /// - Parameter limit: Rows that are wanted in the end; nil is all.
    init(
        types: [ColumnType], order: SortOrder, limit: Int?, budget: MemoryBudget,
        check: @escaping () throws(ServiceError) -> Void = { () throws(ServiceError) in }
    ) {
        self.check = check
        self.types = types
        self.order = order
        self.limit = limit
        self.budget = budget
        columns = types.map { StoredColumn(type: $0, budget: budget) }
        places = GrowingBuffer(budget: budget)
        placeCells = places.base
    }

    /// Adds rows: one vector per column. `place` is a row's number among all, by its index here.
    func append(
        _ vectors: [Vector], rows: UnsafePointer<UInt16>, count: Int, loaders: [NumberLoader],
        place: (Int) -> UInt64
    ) throws(ServiceError) {
        guard count > 0 else { return }
        try withinBudget { () throws(MemoryLimitReached) in
            try places.reserve(rowCount + count, used: rowCount)
        }
        placeCells = places.base
        for (column, stored) in columns.enumerated() {
            try stored.append(
                vectors[column], rows: rows, count: count, loader: loaders[column])
        }
        for index in 0..<count { places.base[rowCount + index] = place(index) }
        rowCount += count
        if let limit, rowCount >= 2 * limit + 2 * Limits.batchRows { try prune(limit) }
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
                ranks[index] = Self.ranked(prefix, isNull: isNull, key)
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

    /// A prefix in the key's direction with NULLs at their end; 63 bits of the value remain.
    @inline(__always)
    private static func ranked(_ prefix: UInt64, isNull: Bool, _ key: SortOrder.Key) -> UInt64 {
        if isNull { return key.isNullsFirst ? 0 : .max }
        let directed = key.isDescending ? ~prefix : prefix
        // Values keep away from the ranks of NULL by their top bits.
        return directed >> 1 &+ (key.isNullsFirst ? 1 << 62 : 0)
    }

    private func rank(_ row: Int) -> UInt64 {
        guard let key = order.keys.first else { return placeCells[row] }
        let column = columns[key.column]
        let isNull = column.isNull(row)
        return Self.ranked(isNull ? 0 : column.prefix(row), isNull: isNull, key)
    }

    /// Adds the rows of another sorter of the same order.
    func append(_ other: RowSorter) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            try places.reserve(rowCount + other.rowCount, used: rowCount)
        }
        placeCells = places.base
        let all = (0..<UInt32(other.rowCount)).map { $0 }
        for (column, stored) in columns.enumerated() {
            try check()
            try stored.append(other.columns[column], rows: all[...])
        }
        for row in 0..<other.rowCount { places.base[rowCount + row] = other.places.base[row] }
        rowCount += other.rowCount
    }

    private func prune(_ limit: Int) throws(ServiceError) {
        let kept = try sorted().prefix(limit)
        let survivor = RowSorter(
            types: types, order: order, limit: limit, budget: budget, check: check)
        for (column, stored) in survivor.columns.enumerated() {
            try stored.append(columns[column], rows: kept)
        }
        try withinBudget { () throws(MemoryLimitReached) in
            try survivor.places.reserve(kept.count, used: 0)
        }
        for (index, row) in kept.enumerated() {
            survivor.places.base[index] = places.base[Int(row)]
        }
        if let worst = kept.last { tighten(rank(Int(worst))) }
        columns = survivor.columns
        for index in 0..<kept.count { places.base[index] = survivor.places.base[index] }
        rowCount = kept.count
    }

    /// The row numbers in order.
    func sorted() throws(ServiceError) -> [UInt32] {
        let byteCount = rowCount * 2 * (MemoryLayout<RankedRow>.stride + 4)
        try withinBudget { () throws(MemoryLimitReached) in try budget.reserve(byteCount) }
        defer { budget.release(byteCount) }
        var entries = (0..<rowCount).map { RankedRow(rank: rank($0), row: UInt32($0)) }
        try RankSort.sort(&entries, check: check)
        var first = 0
        while first < entries.count {
            var end = first + 1
            while end < entries.count, entries[end].rank == entries[first].rank { end += 1 }
            if end - first > 1 { try sortTies(&entries[first..<end]) }
            first = end
        }
        return entries.map(\.row)
    }

    /// Brings rows of one rank into order.
    private func sortTies(_ rows: inout ArraySlice<RankedRow>) throws(ServiceError) {
        var left = Self.comparisonCount
        do {
            try rows.sort { first, second in
                left -= 1
                if left == 0 {
                    left = Self.comparisonCount
                    try check()
                }
                return precedes(Int(first.row), Int(second.row))
            }
        } catch {
            throw error as? ServiceError ?? ServiceError(.cancelled, "The query was cancelled.")
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        for key in order.keys {
            let column = columns[key.column]
            let (leftNull, rightNull) = (column.isNull(left), column.isNull(right))
            if leftNull || rightNull {
                if leftNull && rightNull { continue }
                return leftNull == key.isNullsFirst
            }
            let order = column.order(left, right)
            if order != 0 { return key.isDescending ? order > 0 : order < 0 }
        }
        return placeCells[left] < placeCells[right]
    }

    /// Rows of one column as a vector.
    func vector(
        column: Int, _ rows: ArraySlice<UInt32>, into buffers: ResultBuffers
    ) throws(ServiceError) -> Vector {
        try columns[column].vector(rows, into: buffers)
    }
}
