package import StoaModel

/// What one query sees: all tables at one moment. Immutable; never changes under a reader.
package final class Snapshot: Sendable {
    /// The number up to which every batch, bulk load and definition change is in here.
    package let generation: UInt64
    package let catalog: Catalog
    package let tables: [TableID: TableState]

    /// A snapshot of rows up to and including batch `generation`; rows that memtables hold beyond
    /// it stay invisible.
    package init(generation: UInt64, catalog: Catalog, tables: [TableID: TableState]) {
        self.generation = generation
        self.catalog = catalog
        self.tables = tables
    }

    /// The rows of a table; nil when there is no such table.
    package func table(_ id: TableID) -> TableSnapshot? {
        tables[id].map { TableSnapshot($0, generation: generation) }
    }
}
