package import StoaModel

/// The segments of one table, with the list of their blocks made once for all queries.
package final class SegmentSet: Sendable {
    /// In the order of their rows.
    package let segments: [Segment]
    /// Rows of all segments.
    package let rowCount: Int
    let blocks: [ScanBlock]
    let order: BlockOrder
    let schema: TableSchema

    /// The segments of a table that has these columns now.
    package init(_ segments: [Segment], definition: TableDefinition) {
        let schema = TableSchema(definition)
        self.segments = segments
        self.schema = schema
        rowCount = segments.reduce(0) { $0 + $1.rowCount }
        let blocks = segments.flatMap { segment in
            (0..<segment.blockCount).map { ScanBlock(segment: segment, index: $0, schema: schema) }
        }
        self.blocks = blocks
        order = BlockOrder(blocks)
    }
}
