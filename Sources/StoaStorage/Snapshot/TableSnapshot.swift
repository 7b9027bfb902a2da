package import StoaModel

/// The rows of one table that a query sees, in the order of their batches.
package struct TableSnapshot: Sendable {
    package let definition: TableDefinition
    /// All rows, known without touching a block.
    package let rowCount: Int
    /// Sealed blocks first, then those of the memtables.
    package let blocks: [ScanBlock]
    /// Blocks of segments, and their rows.
    package let sealedBlockCount: Int
    package let sealedRowCount: Int
    private let order: BlockOrder

    init(_ state: TableState, generation: UInt64) {
        definition = state.definition
        var rowCount = state.segments.rowCount
        var fresh: [ScanBlock] = []
        for memtable in state.memtables {
            let visible = memtable.rowCount(upTo: generation)
            rowCount += visible
            guard visible > 0 else { continue }
            fresh += memtable.blocks(rowCount: visible).map {
                ScanBlock(memtable: memtable, block: $0, schema: state.segments.schema)
            }
        }
        self.rowCount = rowCount
        // Without fresh rows the prebuilt list is shared, not copied.
        blocks = fresh.isEmpty ? state.segments.blocks : state.segments.blocks + fresh
        sealedBlockCount = state.segments.blocks.count
        sealedRowCount = state.segments.rowCount
        order = state.segments.order
    }

    /// The bounds of the sealed blocks of a column that rises from block to block; nil for others.
    package func risingBlocks(_ columnID: UInt32) -> RisingBlocks? { order.rising(columnID) }
}
