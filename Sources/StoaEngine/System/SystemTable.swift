internal import StoaModel

/// The tables of the schemas `system` and `information_schema`: what the database knows of itself,
/// in its own words and in the standard's.
enum SystemTable: UInt32, CaseIterable {
    case tables, columns, segments, blocks, queries, settings, metrics, errors, damage
    case informationSchemata, informationTables, informationColumns

    /// Ids that tables of the user never have.
    private static let firstID: TableID = 0xFFFF_FF00

    init?(id: TableID) {
        guard id >= Self.firstID else { return nil }
        self.init(rawValue: id - Self.firstID)
    }

    static let databaseName = "stoa"
    static let schemaNames = ["public", "system", "information_schema"]

    /// Without the schema.
    var name: String {
        switch self {
        case .informationSchemata: "schemata"
        case .informationTables: "tables"
        case .informationColumns: "columns"
        default: String(describing: self)
        }
    }

    private static let information: [SystemTable] = [
        .informationSchemata, .informationTables, .informationColumns,
    ]
    /// The tables of the schema `system`.
    static let definitions = allCases.filter { !information.contains($0) }.map(\.definition)
    /// Those of `information_schema`.
    static let informationDefinitions = information.map(\.definition)

    var definition: TableDefinition {
        TableDefinition(
            id: Self.firstID + rawValue, name: name,
            columns: columns.enumerated().map { index, column in
                ColumnDefinition(id: UInt32(index + 1), name: column.0, type: column.1)
            })
    }

    /// Names and types; the rows are made in this order.
    private var columns: [(String, ColumnType)] {
        switch self {
        case .tables:
            [
                ("name", .string), ("id", .uint32), ("rows", .int64), ("bytes", .int64),
                ("columns", .int64), ("segments", .int64), ("blocks", .int64),
                ("sealed_rows", .int64), ("memory_rows", .int64), ("memory_bytes", .int64),
                ("schema_version", .uint32), ("time_column", .string), ("sorted_by", .string),
            ]
        case .columns:
            [
                ("table", .string), ("name", .string), ("position", .int64), ("type", .string),
                ("nullable", .bool), ("id", .uint32), ("nulls", .int64), ("bytes", .int64),
                ("dictionary_bytes", .int64), ("bits_per_value", .float64),
                ("encodings", .string), ("is_time", .bool), ("sort_position", .int64),
            ]
        case .segments:
            [
                ("table", .string), ("id", .uint64), ("path", .string), ("rows", .int64),
                ("bytes", .int64), ("blocks", .int64), ("columns", .int64),
                ("bits_per_row", .float64), ("first_lsn", .uint64), ("last_lsn", .uint64),
                ("schema_version", .uint32), ("sorted_by", .string),
            ]
        case .blocks:
            [
                ("table", .string), ("column", .string), ("segment", .uint64), ("block", .int64),
                ("rows", .int64), ("nulls", .int64), ("bytes", .int64),
                ("bits_per_value", .float64), ("encoding", .string), ("encoding_tree", .string),
                ("min", .string), ("max", .string), ("filter_bytes", .int64),
            ]
        case .queries:
            [
                ("id", .uint64), ("state", .string), ("started", .timestamp),
                ("elapsed_ms", .float64), ("rows", .int64), ("rows_read", .int64),
                ("rows_skipped", .int64), ("blocks_read", .int64), ("blocks_skipped", .int64),
                ("bytes_read", .int64), ("memory_bytes", .int64), ("peak_memory_bytes", .int64),
                ("error", .string), ("client", .string), ("text", .string),
            ]
        case .settings: SettingListing.schema
        case .errors:
            [
                ("code", .uint16), ("name", .string), ("count", .int64),
                ("last_time", .timestamp), ("last_query", .uint64), ("last_message", .string),
            ]
        case .damage:
            [
                ("table", .string), ("column", .string), ("segment", .uint64), ("block", .int64),
                ("path", .string), ("rows", .int64), ("message", .string),
            ]
        case .informationSchemata:
            [
                ("catalog_name", .string), ("schema_name", .string), ("schema_owner", .string),
            ]
        case .informationTables:
            [
                ("table_catalog", .string), ("table_schema", .string), ("table_name", .string),
                ("table_type", .string),
            ]
        case .informationColumns:
            [
                ("table_catalog", .string), ("table_schema", .string), ("table_name", .string),
                ("column_name", .string), ("ordinal_position", .int64),
                ("column_default", .string), ("is_nullable", .string), ("data_type", .string),
                ("character_maximum_length", .int64), ("numeric_precision", .int64),
                ("numeric_scale", .int64), ("datetime_precision", .int64),
            ]
        case .metrics: [("name", .string), ("value", .int64), ("summary", .string)]
        }
    }
}
