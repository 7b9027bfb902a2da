/// BULK_OPENED: the load may begin.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  initialCredit   bytes of BULK_BATCH payloads allowed at once
///     options: SCHEMA, the columns of the table as they will be loaded
///
/// Credit counts as for results: a batch may be sent while the credit is above zero.
package struct BulkOpened: WireMessage, Equatable {
    package static let kind = FrameKind.bulkOpened
    package static let fixedByteCount = 8

    package var initialCredit: UInt32
    package var schema: TableSchema?

    package init(initialCredit: UInt32, schema: TableSchema?) {
        self.initialCredit = initialCredit
        self.schema = schema
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(initialCredit)
        if let schema { writer.appendOption(.schema, schema.encode()) }
    }

    package static func decode(_ payload: Payload) throws(WireError) -> BulkOpened {
        BulkOpened(initialCredit: payload.integer(at: 4), schema: try payload.schema())
    }
}
