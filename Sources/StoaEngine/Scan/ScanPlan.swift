internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// Which blocks a query reads, decided once from statistics.
struct ScanPlan: Sendable {
    /// One block that may hold rows that pass.
    struct Morsel: Sendable {
        /// Nil without FROM: one row of no columns.
        var block: ScanBlock?
        var rowCount: Int
        /// The position of the block's first row among all rows of the table.
        var firstRow: Int
    }

    /// Blocks in row order.
    private(set) var morsels: [Morsel] = []
    /// Ids of the columns that expressions read, by their position in the scan.
    let columnIDs: [UInt32]
    private(set) var rowsSkipped = 0
    private(set) var blocksSkipped = 0
    /// What the snapshot counts, when nothing else is asked for; there are no morsels then.
    private(set) var counted: (rows: Int, blocks: Int)?
    /// Bounds of each column over all blocks; nil where a block's are unknown.
    private(set) var bounds: [ClosedRange<Int128>?]
    /// Whether a block may hold a NULL of a column.
    private(set) var mayBeNull: [Bool]

    /// - Throws: damage of a filter.
    init(_ plan: SelectPlan, table: TableSnapshot?) throws(ServiceError) {
        guard let table, let definition = plan.table else {
            columnIDs = []
            (bounds, mayBeNull) = ([], [])
            morsels = [Morsel(block: nil, rowCount: 1, firstRow: 0)]
            return
        }
        columnIDs = plan.scanColumns.map { definition.columns[$0].id }
        (bounds, mayBeNull) = ([], [])
        if plan.countsRowsOnly {
            counted = (table.rowCount, table.blocks.count)
            return
        }
        let predicates = plan.scanPredicates
        let points = PointTests(plan)
        var firstRow = 0
        morsels.reserveCapacity(table.blocks.count)
        for block in table.blocks {
            if Self.mayMatch(block, predicates), try points.mayMatch(block) {
                morsels.append(
                    Morsel(
                        block: block, rowCount: block.rowCount, firstRow: firstRow))
            } else {
                rowsSkipped += block.rowCount
                blocksSkipped += 1
            }
            firstRow += block.rowCount
        }
        bounds = columnIDs.map { Self.bounds($0, morsels) }
        mayBeNull = columnIDs.map { id in
            morsels.contains { $0.block?.statistics(id).map { $0.nullCount > 0 } ?? true }
        }
    }

    /// Rows that are read or counted.
    var rowCount: Int { counted?.rows ?? morsels.reduce(0) { $0 + $1.rowCount } }

    /// Blocks that are read or counted.
    var blockCount: Int { counted?.blocks ?? morsels.count }

    private static func mayMatch(_ block: ScanBlock, _ predicates: [ScanPredicate]) -> Bool {
        for predicate in predicates {
            guard let statistics = block.statistics(predicate.columnID) else { continue }
            if !predicate.mayMatch(statistics) { return false }
        }
        return true
    }

    private static func bounds(
        _ columnID: UInt32, _ morsels: [Morsel]
    ) -> ClosedRange<Int128>? {
        var all: ClosedRange<Int128>?
        for morsel in morsels {
            guard let statistics = morsel.block?.statistics(columnID) else { return nil }
            if statistics.nullCount == statistics.rowCount { continue }
            guard case .integers(let low, let high) = statistics.bounds else { return nil }
            all = min(all?.lowerBound ?? low, low)...max(all?.upperBound ?? high, high)
        }
        return all
    }
}
