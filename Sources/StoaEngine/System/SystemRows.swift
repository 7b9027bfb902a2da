internal import StoaBase
internal import StoaModel
internal import StoaStorage

/// The rows of a system table on their way into memory.
struct SystemRows {
    private let definition: TableDefinition
    private let memtable: Memtable
    private var builders: [ColumnBuilder] = []

    init(_ table: SystemTable) {
        definition = table.definition
        memtable = Memtable(definition: definition, limits: Limits())
        begin()
    }

    private mutating func begin() {
        builders = definition.columns.map { ColumnBuilder(name: $0.name, type: $0.type) }
    }

    /// Adds a row: one value per column.
    mutating func append(_ values: [Literal]) {
        invariant(values.count == builders.count, "a row has all columns")
        for (index, value) in values.enumerated() { builders[index].append(value) }
        if builders[0].rowCount == Limits.blockRowsLimit { flush() }
    }

    private mutating func flush() {
        guard builders[0].rowCount > 0 else { return }
        guard let batch = try? RowBatch.decode(Bytes(RowBatch.encode(builders))),
            (try? memtable.append(batch, lsn: 1)) != nil
        else { return invariant(false, "our own batch fits our own table") }
        begin()
    }

    /// All rows as a query reads them.
    mutating func finish() -> TableSnapshot? {
        flush()
        let state = TableState(
            definition: definition, segments: SegmentSet([], definition: definition),
            memtables: [memtable])
        let snapshot = Snapshot(
            generation: 1, catalog: Catalog(tables: [definition]),
            tables: [definition.id: state])
        return snapshot.table(definition.id)
    }
}

extension Literal {
    static func text(_ text: String?) -> Literal {
        text.map { .string(Array($0.utf8)) } ?? .null
    }

    static func count(_ count: Int?) -> Literal { count.map { .integer(Int128($0)) } ?? .null }

    static func number(_ number: UInt64) -> Literal { .integer(Int128(number)) }

    /// Bits of `bytes` per one of `values`; NULL without values.
    static func bits(_ bytes: Int, per values: Int) -> Literal {
        values == 0 ? .null : .float(Double(bytes) * 8 / Double(values))
    }
}
