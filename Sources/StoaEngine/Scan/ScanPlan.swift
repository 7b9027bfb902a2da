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

    /// Knows at the end whether what was read is what was written.
    let reads = ReadGuard()
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

    init(_ plan: SelectPlan, table: TableSnapshot?) {
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
        let sealed = Self.search(table, predicates)
        rowsSkipped = table.sealedRowCount - sealed.rows.count
        blocksSkipped = table.sealedBlockCount - sealed.blocks.count
        morsels.reserveCapacity(
            table.blocks.count - table.sealedBlockCount + sealed.blocks.count)
        let fresh = table.sealedBlockCount..<table.blocks.count
        for (blocks, start) in [
            (sealed.blocks, sealed.rows.lowerBound), (fresh, table.sealedRowCount),
        ] {
            var firstRow = start
            for block in table.blocks[blocks] {
                if Self.mayMatch(block, predicates), points.mayMatch(block, reads) {
                    morsels.append(
                        Morsel(block: block, rowCount: block.rowCount, firstRow: firstRow))
                } else {
                    rowsSkipped += block.rowCount
                    blocksSkipped += 1
                }
                firstRow += block.rowCount
            }
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

    /// The sealed blocks that ranges of rising columns leave, found without a look at the others,
    /// and their rows.
    private static func search(
        _ table: TableSnapshot, _ predicates: [ScanPredicate]
    ) -> (blocks: Range<Int>, rows: Range<Int>) {
        var blocks = 0..<table.sealedBlockCount
        var rows = 0..<table.sealedRowCount
        for predicate in predicates {
            guard case .integers(let low, let high) = predicate.test,
                let rising = table.risingBlocks(predicate.columnID)
            else { continue }
            blocks = blocks.clamped(to: rising.blocks(min: low, max: high))
            rows = rising.firstRows[blocks.lowerBound]..<rising.firstRows[blocks.upperBound]
        }
        return (blocks, rows)
    }

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
