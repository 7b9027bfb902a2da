package import StoaModel

/// A change of tables: takes a place in the one order, waits for all that came before, and is one
/// manifest.
package enum TableChange: Sendable {
    case create(TableDraft)
    case drop(TableID)
    case rename(TableID, to: String)
    /// A column that is NULL in all rows before it.
    case addColumn(TableID, TableDraft.Column, ifNotExists: Bool)
    /// A column that is no longer read; segments keep its bytes until they are compacted.
    case dropColumn(TableID, columnID: UInt32)
    case renameColumn(TableID, columnID: UInt32, to: String)
    /// All rows go; columns, load labels and what is known of producers stay.
    case truncate(TableID)
    case load(LoadChange)
    /// Other segments take the places of some.
    case replace(TableID, [SegmentReplacement])

    /// The table that is changed; nil when the change makes it.
    var tableID: TableID? {
        switch self {
        case .create: nil
        case .drop(let id), .rename(let id, _), .addColumn(let id, _, _), .dropColumn(let id, _),
            .renameColumn(let id, _, _), .truncate(let id), .replace(let id, _):
            id
        case .load(let load): load.tableID
        }
    }

    /// Segments that nothing names unless the change holds.
    var newSegments: [Segment] {
        switch self {
        case .load(let load): load.segments
        case .replace(_, let replacements): replacements.flatMap(\.segments)
        default: []
        }
    }

    /// The table whose rows so far nobody needs once the change holds.
    var emptiedTableID: TableID? {
        switch self {
        case .drop(let id), .truncate(let id): id
        default: nil
        }
    }
}

/// What takes the place of one segment: nothing, or segments of some of its rows.
package struct SegmentReplacement: Sendable {
    /// The segment that goes.
    package var id: UInt64
    package var segments: [Segment]
}

/// A bulk load whose segments are complete.
package struct LoadChange: Sendable {
    /// A table that is made together with its rows.
    package var newTable: TableDefinition?
    package var tableID: TableID
    package var segments: [Segment]
    package var label: String?

    package init(
        newTable: TableDefinition?, tableID: TableID, segments: [Segment], label: String?
    ) {
        self.newTable = newTable
        self.tableID = tableID
        self.segments = segments
        self.label = label
    }

    package var rowCount: Int { segments.reduce(0) { $0 + $1.rowCount } }
}
