/// BULK_OPEN: begins a bulk load, whose later frames carry the same request id. Answered by
/// BULK_OPENED or ERROR. A connection that ends, or any ERROR, aborts the load and leaves nothing.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  flags   bit 0: create the table, which must not exist; needs SCHEMA
///     options: TABLE (required), SCHEMA, LABEL (a load with a label of the table is refused
///              the second time)
package struct BulkOpen: WireMessage, Equatable {
    package static let kind = FrameKind.bulkOpen
    package static let fixedByteCount = 8

    package var table: String
    package var label: String?
    /// Set: the load creates the table with these columns, in the same change as its rows.
    package var schema: TableSchema?

    package init(table: String, label: String? = nil, schema: TableSchema? = nil) {
        self.table = table
        self.label = label
        self.schema = schema
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(schema == nil ? 0 : 1))
        writer.appendOption(.table, mustUnderstand: true, text: table)
        if let schema { writer.appendOption(.schema, mustUnderstand: true, schema.encode()) }
        if let label { writer.appendOption(.label, mustUnderstand: true, text: label) }
    }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkOpen {
        let flags: UInt32 = payload.integer(at: 4)
        guard flags & ~1 == 0 else { throw .badField("flags") }
        let schema = try payload.schema()
        if flags & 1 != 0, schema == nil { throw .missingOption(.schema) }
        return BulkOpen(
            table: try payload.requiredText(.table), label: try payload.text(.label),
            schema: flags & 1 != 0 ? schema : nil)
    }
}
