internal import StoaBase
internal import StoaModel

/// Sorted runs as one: a page of each is in memory, and a heap says which has the next row.
final class RunMerger {
    /// One run from its next row on.
    private final class Cursor {
        let run: SortedRun
        let rows: StoredRows
        var nextPage = 0
        var row = 0
        var keys: [KeyCells] = []

        init(_ run: SortedRun, _ rows: StoredRows) {
            self.run = run
            self.rows = rows
        }
    }

    /// A cursor in the heap with its next row's rank, which decides most comparisons.
    private struct Entry {
        var rank: UInt64
        var cursor: Int
    }

    private let types: [ColumnType]
    private let order: SortOrder
    private let context: QueryContext
    private var cursors: [Cursor] = []
    /// The least first; every entry is no less than the one at half its place.
    private var heap: [Entry] = []
    /// Memory of a cursor for each byte of its page: the page, as stored and as rows.
    private static let pageFactor = 3

    /// Begins to merge; where pages of all runs do not fit in half of the memory, some runs are
    /// made one first.
    init(
        _ runs: [SortedRun], types: [ColumnType], order: SortOrder, _ context: QueryContext
    ) throws(ServiceError) {
        self.types = types
        self.order = order
        self.context = context
        var runs = runs
        var count = fittingCount(runs)
        while count < runs.count {
            let merged = try merged(Array(runs.prefix(count)))
            runs.removeFirst(count)
            runs.append(merged)
            count = fittingCount(runs)
        }
        try open(runs)
    }

    /// How many runs from the first on can be merged at once, at least two.
    private func fittingCount(_ runs: [SortedRun]) -> Int {
        var room = context.budget.byteCountLimit / 2
        var count = 0
        for run in runs {
            room -= run.pageByteCount * Self.pageFactor
            if count >= 2, room < 0 || count >= context.groupLimits.runCountLimit { break }
            count += 1
        }
        return count
    }

    private func makeRows() -> StoredRows {
        StoredRows(types: types, order: order, budget: context.budget)
    }

    /// Makes several runs one, in a file of its own.
    private func merged(_ runs: [SortedRun]) throws(ServiceError) -> SortedRun {
        try open(runs)
        defer { close() }
        var result = SortedRun(context.makeSpillFile())
        let batch = makeRows()
        let all = (0..<UInt32(Limits.batchRows)).map { $0 }
        while !heap.isEmpty {
            try next(into: batch)
            try result.append(batch, all[..<batch.rowCount]) { () throws(ServiceError) in
                try context.checkInterrupts()
            }
        }
        return result
    }

    private func open(_ runs: [SortedRun]) throws(ServiceError) {
        for run in runs {
            let cursor = Cursor(run, makeRows())
            guard try turnPage(cursor) else { continue }
            cursors.append(cursor)
            heap.append(Entry(rank: cursor.rows.rank(0), cursor: cursors.count - 1))
        }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    private func close() {
        cursors = []
        heap = []
    }

    /// Reads the run's next page; false when there is none.
    private func turnPage(_ cursor: Cursor) throws(ServiceError) -> Bool {
        guard cursor.nextPage < cursor.run.pages.count else { return false }
        try cursor.run.read(cursor.nextPage, into: cursor.rows, budget: context.budget)
        cursor.nextPage += 1
        cursor.row = 0
        cursor.keys = cursor.rows.keyCells()
        return true
    }

    /// Whether all rows were taken.
    var isDone: Bool { heap.isEmpty }

    /// The next rows, up to a batch, in the place of those in `batch`.
    func next(into batch: StoredRows) throws(ServiceError) {
        try context.checkInterrupts()
        batch.clear()
        try batch.reserve(Limits.batchRows)
        while batch.rowCount < Limits.batchRows, let first = heap.first {
            let cursor = cursors[first.cursor]
            try batch.append(cursor.rows, row: cursor.row)
            cursor.row += 1
            if cursor.row < cursor.rows.rowCount {
                heap[0].rank = cursor.rows.rank(cursor.row)
            } else if try turnPage(cursor) {
                heap[0].rank = cursor.rows.rank(0)
            } else {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
                cursor.rows.clear()
            }
            sink(0)
        }
    }

    /// Moves an entry down to where no smaller one is below it.
    private func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && precedes(heap[child], heap[least]) {
                least = child
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        let (first, second) = (cursors[left.cursor], cursors[right.cursor])
        let (row, otherRow) = (first.row, second.row)
        let isBefore = first.keys.withUnsafeBufferPointer { keys in
            second.keys.withUnsafeBufferPointer { others in
                KeyCells.precedes(keys, row, others, otherRow)
            }
        }
        if let isBefore { return isBefore }
        let (place, otherPlace) = (first.rows.place(row), second.rows.place(otherRow))
        return place == otherPlace ? left.cursor < right.cursor : place < otherPlace
    }
}
