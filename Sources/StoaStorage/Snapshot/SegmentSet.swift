package import StoaModel

/// The segments of one table, with the list of their blocks made once for all queries.
package final class SegmentSet: Sendable {
    /// In the order of their rows.
    package let segments: [Segment]
    /// Rows of all segments.
    package let rowCount: Int
    let blocks: [ScanBlock]
    let schema: TableSchema

    /// The segments of a table that has these columns now.
    package init(_ segments: [Segment], definition: TableDefinition) {
        let schema = TableSchema(definition)
        self.segments = segments
        self.schema = schema
        rowCount = segments.reduce(0) { $0 + $1.rowCount }
        blocks = segments.flatMap { segment in
            (0..<segment.blockCount).map { ScanBlock(segment: segment, index: $0, schema: schema) }
        }
    }
}

/// The types of a table's columns by id, shared by all its scan blocks.
final class TableSchema: Sendable {
    private let types: [UInt32: ColumnType]

    init(_ definition: TableDefinition) {
        types = Dictionary(
            definition.columns.map { ($0.id, $0.type) }, uniquingKeysWith: { first, _ in first })
    }

    /// The type of a column; nil when the table has none of that id.
    func type(of columnID: UInt32) -> ColumnType? { types[columnID] }

    var columnIDs: [UInt32] { types.keys.sorted() }
}
