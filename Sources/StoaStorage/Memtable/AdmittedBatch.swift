internal import StoaBase
package import StoaModel

/// A batch that fits its table: for every column of the table it is known where its rows are.
///
/// Made only by `BatchAdmission`, so who holds one may append it without further checks.
package struct AdmittedBatch: Sendable {
    package let batch: RowBatch
    /// The table as it was when the batch was admitted.
    package let definition: TableDefinition
    /// For each column of the table the batch's column, or nil: every row is null there.
    package let sources: [Int?]

    init(batch: RowBatch, definition: TableDefinition, sources: [Int?]) {
        invariant(sources.count == definition.columns.count, "every column has a source or none")
        self.batch = batch
        self.definition = definition
        self.sources = sources
    }

    package var rowCount: Int { batch.rowCount }

    /// For each column of the batch the id of the table's column, as the log stores them: with
    /// the ids a replay needs no names.
    package var columnIDs: [UInt32] {
        var ids = [UInt32](repeating: 0, count: batch.columns.count)
        for (index, source) in sources.enumerated() {
            if let source { ids[source] = definition.columns[index].id }
        }
        return ids
    }
}
