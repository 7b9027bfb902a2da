package import StoaModel

/// One table in a snapshot: its segments and the memtables behind them. A value of a few
/// references, so that a new snapshot costs nothing per row or block.
package struct TableState: Sendable {
    package let definition: TableDefinition
    package let segments: SegmentSet
    /// Frozen memtables that are being sealed, oldest first, then the one that grows. Their rows
    /// come after those of the segments.
    package let memtables: [Memtable]

    package init(definition: TableDefinition, segments: SegmentSet, memtables: [Memtable]) {
        self.definition = definition
        self.segments = segments
        self.memtables = memtables
    }
}
