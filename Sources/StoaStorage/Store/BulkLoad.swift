internal import StoaBase
package import StoaModel

/// A load on its way: rows go straight into segments, without the log, and become visible
/// together. Used by one thread at a time, never one of the store's; its calls block.
package final class BulkLoad: @unchecked Sendable {
    // SAFETY: one thread at a time uses a load; `isEnded` says so of its own end.
    private let store: Store
    private let builder: BulkBuilder
    /// The table, with the id it has or will have.
    package let definition: TableDefinition
    let isNew: Bool
    let label: String?
    private var isEnded = false

    init(
        store: Store, builder: BulkBuilder, definition: TableDefinition, isNew: Bool,
        label: String?
    ) {
        self.store = store
        self.builder = builder
        self.definition = definition
        self.isNew = isNew
        self.label = label
    }

    deinit { if !isEnded { builder.abort() } }

    /// Rows so far.
    package var rowCount: Int { builder.rowCount }

    /// Adds the rows of a batch behind all others; waits when encoding cannot keep up.
    package func append(_ batch: RowBatch) throws(StorageError) {
        guard !isEnded else { throw .badBatch("The load has ended.") }
        try builder.append(batch)
    }

    /// Makes the rows durable and visible, all at once.
    ///
    /// - Throws: `rowCountMismatch`, `duplicateLabel`, `unknownTable`, `tableExists`, `disk`,
    ///   `diskFull`, `durabilityUnknown`; except for the last, nothing is left then.
    package func commit(expectedRowCount: Int?) throws(StorageError) -> AppendReceipt {
        guard !isEnded else { throw .badBatch("The load has ended.") }
        isEnded = true
        let descriptors = try builder.finish(expectedRowCount: expectedRowCount)
        let receipt = try store.commitLoad(descriptors, of: self)
        return AppendReceipt(
            lsn: receipt.lsn, generation: receipt.generation, rowCount: builder.rowCount,
            isDuplicate: false)
    }

    /// Ends the load and removes its files.
    package func abort() {
        guard !isEnded else { return }
        isEnded = true
        builder.abort()
    }
}
