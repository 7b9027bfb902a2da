internal import StoaModel

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
