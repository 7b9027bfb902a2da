internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Rows that are kept for sorting, column by column, with where each comes from.
final class StoredRows {
    private let order: SortOrder
    private let columns: [StoredColumn]
    /// Where each row comes from, the last word on ties.
    private var places: GrowingBuffer<UInt64>
    private var placeCells: UnsafeMutablePointer<UInt64>
    private(set) var rowCount = 0

    init(types: [ColumnType], order: SortOrder, budget: MemoryBudget) {
        self.order = order
        columns = types.map { StoredColumn(type: $0, budget: budget) }
        places = GrowingBuffer(budget: budget)
        placeCells = places.base
    }

    /// Bytes of memory.
    var byteCount: Int { columns.reduce(places.capacity * 8) { $0 + $1.byteCount } }

    // MARK: Adding

    /// Makes room for `count` rows in all, without the bytes of their strings.
    func reserve(_ count: Int) throws(ServiceError) {
        // Places may have moved before the memory was short: the rows so far stay good.
        defer { placeCells = places.base }
        try withinBudget { () throws(MemoryLimitReached) in
            try places.reserve(count, used: rowCount)
            for column in columns { try column.reserve(count) }
        }
    }

    /// Adds rows, or none when it throws: one vector per column. `place` is a row's number among
    /// all, by its index here.
    func append(
        _ vectors: [Vector], rows: UnsafePointer<UInt16>, count: Int, loaders: [NumberLoader],
        place: (Int) -> UInt64
    ) throws(ServiceError) {
        try reserve(rowCount + count)
        do throws(ServiceError) {
            for (column, stored) in columns.enumerated() {
                try stored.append(
                    vectors[column], rows: rows, count: count, loader: loaders[column])
            }
        } catch {
            truncate()
            throw error
        }
        for index in 0..<count { placeCells[rowCount + index] = place(index) }
        rowCount += count
    }

    /// Adds some rows of others of the same columns, or none when it throws.
    func append(
        _ other: StoredRows, rows: ArraySlice<UInt32>,
        check: () throws(ServiceError) -> Void = { () throws(ServiceError) in }
    ) throws(ServiceError) {
        try reserve(rowCount + rows.count)
        do throws(ServiceError) {
            for (column, stored) in columns.enumerated() {
                for first in stride(from: 0, to: rows.count, by: Limits.batchRows) {
                    try check()
                    let start = rows.startIndex + first
                    let end = min(start + Limits.batchRows, rows.endIndex)
                    try stored.append(other.columns[column], rows: rows[start..<end])
                }
            }
        } catch {
            truncate()
            throw error
        }
        for (index, row) in rows.enumerated() {
            placeCells[rowCount + index] = other.placeCells[Int(row)]
        }
        rowCount += rows.count
    }

    /// Adds a row of others; room for it was reserved.
    @inline(__always)
    func append(_ other: StoredRows, row: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            for index in 0..<columns.count {
                try columns[index].append(other.columns[index], row: row)
            }
        }
        placeCells[rowCount] = other.placeCells[row]
        rowCount &+= 1
    }

    private func truncate() { for column in columns { column.truncate(to: rowCount) } }

    /// Forgets all rows; the memory stays.
    func clear() {
        for column in columns { column.clear() }
        rowCount = 0
    }

    // MARK: Order

    /// A prefix in the key's direction with NULLs at their end; 63 bits of the value remain.
    @inline(__always)
    static func ranked(_ prefix: UInt64, isNull: Bool, _ key: SortOrder.Key) -> UInt64 {
        if isNull { return key.isNullsFirst ? 0 : .max }
        let directed = key.isDescending ? ~prefix : prefix
        // Values keep away from the ranks of NULL by their top bits.
        return directed >> 1 &+ (key.isNullsFirst ? 1 << 62 : 0)
    }

    /// A number that orders rows by their first key, as far as it goes.
    func rank(_ row: Int) -> UInt64 {
        guard let key = order.keys.first else { return placeCells[row] }
        let column = columns[key.column]
        let isNull = column.isNull(row)
        return Self.ranked(isNull ? 0 : column.prefix(row), isNull: isNull, key)
    }

    @inline(__always)
    func place(_ row: Int) -> UInt64 { placeCells[row] }

    /// The keys' cells; good until rows are added.
    func keyCells() -> [KeyCells] { order.keys.map { columns[$0.column].keyCells($0) } }

    /// Rows of one column as a vector.
    func vector(
        column: Int, _ rows: ArraySlice<UInt32>, into buffers: ResultBuffers
    ) throws(ServiceError) -> Vector {
        try columns[column].vector(rows, into: buffers)
    }

    // MARK: Pages

    /// Bytes of rows from the front of `rows` that make a page of about `target`, and how many.
    func pageSize(_ rows: ArraySlice<UInt32>, target: Int) -> (byteCount: Int, rowCount: Int) {
        let fixed = columns.reduce(8) { $0 + $1.cellByteCount }
        var (byteCount, count) = (0, 0)
        for row in rows.prefix(Limits.batchRows) {
            byteCount += columns.reduce(fixed) { $0 + $1.stringByteCount(Int(row)) }
            count += 1
            if byteCount >= target { break }
        }
        return (byteCount, count)
    }

    /// Writes rows as a page: the places, then column after column.
    func write(_ rows: ArraySlice<UInt32>, to start: UnsafeMutableRawPointer) {
        var end = start
        for row in rows {
            end.storeBytes(of: placeCells[Int(row)], as: UInt64.self)
            end += 8
        }
        for column in columns { end = column.write(rows, to: end) }
    }

    /// Takes a page's rows in the place of all others; false when the page is not one.
    func read(_ count: Int, from page: UnsafeRawBufferPointer) throws(ServiceError) -> Bool {
        clear()
        guard page.count >= count * 8, let base = page.baseAddress else { return count == 0 }
        defer { placeCells = places.base }
        var start = count * 8
        let isWhole = try withinBudget { () throws(MemoryLimitReached) in
            try places.reserve(count, used: 0)
            for column in columns {
                let rest = UnsafeRawBufferPointer(rebasing: page[start...])
                guard let byteCount = try column.read(count, from: rest) else { return false }
                start += byteCount
            }
            return true
        }
        UnsafeMutableRawPointer(places.base).copyMemory(from: base, byteCount: count * 8)
        rowCount = isWhole ? count : 0
        return isWhole && start == page.count
    }
}
