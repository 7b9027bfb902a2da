internal import StoaBase
internal import StoaModel

/// The rows of all workers' sorters in order: in memory, or merged from runs where that is short.
final class SortedRows {
    private enum Source {
        case memory(RowSorter, order: [UInt32])
        case runs(RunMerger, batch: StoredRows)
    }

    private let source: Source
    private var position = 0
    private let all: [UInt32]
    /// Rows of the current batch.
    private(set) var count = 0

    init(_ sorters: [RowSorter], _ context: QueryContext) throws(ServiceError) {
        all = (0..<UInt32(Limits.batchRows)).map { $0 }
        var rest = sorters
        if sorters.allSatisfy({ $0.runs.isEmpty }), try Self.gather(&rest), let first = rest.first {
            source = .memory(first, order: try first.sorted())
            return
        }
        // What each sorter holds may be all that there is room for.
        for sorter in rest { try sorter.spill() }
        let (types, order) = (rest.first?.types ?? [], rest.first?.order ?? SortOrder(keys: []))
        source = .runs(
            try RunMerger(rest.flatMap(\.runs), types: types, order: order, context),
            batch: StoredRows(types: types, order: order, budget: context.budget))
    }

    /// Moves all rows into the first sorter; false when they find no room there.
    private static func gather(_ sorters: inout [RowSorter]) throws(ServiceError) -> Bool {
        while sorters.count > 1 {
            do throws(ServiceError) {
                try sorters[0].append(sorters[1])
            } catch {
                guard error.code == .memoryLimit else { throw error }
                return false
            }
            sorters.remove(at: 1)
        }
        return true
    }

    var isDone: Bool {
        switch source {
        case .memory(_, let order): position + count >= order.count
        case .runs(let merger, _): merger.isDone
        }
    }

    /// Makes the next rows the current batch.
    func advance() throws(ServiceError) {
        switch source {
        case .memory(_, let order):
            position += count
            count = min(Limits.batchRows, order.count - position)
        case .runs(let merger, let batch):
            try merger.next(into: batch)
            count = batch.rowCount
        }
    }

    /// One column of the current batch.
    func vector(column: Int, into buffers: ResultBuffers) throws(ServiceError) -> Vector {
        switch source {
        case .memory(let sorter, let order):
            try sorter.vector(
                column: column, order[position..<position + count], into: buffers)
        case .runs(_, let batch): try batch.vector(column: column, all[..<count], into: buffers)
        }
    }
}
