internal import StoaBase
internal import StoaModel
internal import StoaStorage

/// Makes the rows of a system table when a query asks for them.
struct SystemSource {
    let database: Database
    let snapshot: Snapshot
    let control: QueryControl
    /// Names of the columns that the query reads; what others cost is spared.
    let wanted: Set<String>
    let settings: SettingListing

    /// - Throws: Why the statement is to end.
    func rows(of table: SystemTable) throws(ServiceError) -> TableSnapshot? {
        var rows = SystemRows(table)
        switch table {
        case .tables: addTables(&rows)
        case .columns: try addColumns(&rows)
        case .segments: addSegments(&rows)
        case .blocks: try addBlocks(&rows)
        case .queries: addQueries(&rows)
        case .settings: addSettings(&rows)
        case .metrics: addMetrics(&rows)
        case .errors: addErrors(&rows)
        case .damage: addDamage(&rows)
        case .informationSchemata: addSchemata(&rows)
        case .informationTables: addInformationTables(&rows)
        case .informationColumns: addInformationColumns(&rows)
        }
        return rows.finish()
    }

    private func states() -> [(TableDefinition, TableState)] {
        snapshot.catalog.tables.compactMap { definition in
            snapshot.tables[definition.id].map { (definition, $0) }
        }
    }

    private func addTables(_ rows: inout SystemRows) {
        for (definition, state) in states() {
            let table = snapshot.table(definition.id)
            let segments = state.segments.segments
            let bytes = segments.reduce(0) { $0 + Int($1.descriptor.byteCount) }
            rows.append([
                .text(definition.name), .number(UInt64(definition.id)), .count(table?.rowCount),
                .count(bytes), .count(definition.columns.count), .count(segments.count),
                .count(segments.reduce(0) { $0 + $1.blockCount }),
                .count(state.segments.rowCount),
                .count((table?.rowCount ?? 0) - state.segments.rowCount),
                .count(state.memtables.reduce(0) { $0 + $1.byteCount }),
                .number(UInt64(definition.schemaVersion)),
                .text(definition.timeColumnID.flatMap { names(of: [$0], definition) }),
                .text(names(of: definition.sortColumnIDs, definition)),
            ])
        }
    }

    /// The names of columns, with commas; nil when there are none.
    private func names(of ids: [UInt32], _ definition: TableDefinition) -> String? {
        let names = ids.compactMap { id in definition.columns.first { $0.id == id }?.name }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private func addColumns(_ rows: inout SystemRows) throws(ServiceError) {
        for (definition, state) in states() {
            for (index, column) in definition.columns.enumerated() {
                var bytes = 0
                var dictionaryBytes = 0
                var nulls = 0
                var encodings: [String: Int] = [:]
                for segment in state.segments.segments {
                    try control.check()
                    dictionaryBytes += segment.dictionaryByteCount(columnID: column.id)
                    for block in 0..<segment.blockCount {
                        guard let found = segment.describe(columnID: column.id, block: block)
                        else { continue }
                        bytes += found.byteCount
                        nulls += found.statistics.nullCount
                        encodings[found.encoding, default: 0] += 1
                    }
                }
                let names = encodings.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                rows.append([
                    .text(definition.name), .text(column.name), .count(index + 1),
                    .text(column.type.description), .bool(column.isNullable),
                    .number(UInt64(column.id)), .count(nulls), .count(bytes),
                    .count(dictionaryBytes),
                    .bits(bytes + dictionaryBytes, per: state.segments.rowCount),
                    .text(names.map { "\($0.key) \($0.value)" }.joined(separator: ", ")),
                    .bool(definition.timeColumnID == column.id),
                    .count(definition.sortColumnIDs.firstIndex(of: column.id).map { $0 + 1 }),
                ])
            }
        }
    }

    private func addSegments(_ rows: inout SystemRows) {
        for (definition, state) in states() {
            for segment in state.segments.segments {
                let descriptor = segment.descriptor
                rows.append([
                    .text(definition.name), .number(descriptor.id), .text(segment.filePath),
                    .count(segment.rowCount), .number(descriptor.byteCount),
                    .count(segment.blockCount), .count(segment.columnCount),
                    .bits(Int(descriptor.byteCount), per: segment.rowCount),
                    .number(descriptor.firstLSN), .number(descriptor.lastLSN),
                    .number(UInt64(segment.schemaVersion)),
                    .text(names(of: segment.sortColumnIDs, definition)),
                ])
            }
        }
    }

    /// What is known to be damaged by now; nothing is read for it.
    private func addDamage(_ rows: inout SystemRows) {
        for (definition, state) in states() {
            for segment in state.segments.segments {
                for damage in segment.knownDamages {
                    let name = damage.columnID.flatMap { names(of: [$0], definition) }
                    rows.append([
                        .text(definition.name), .text(name), .number(segment.descriptor.id),
                        .count(damage.block), .text(segment.filePath),
                        .count(segment.rowCount(of: damage)),
                        .text(damage.error.serviceError.message),
                    ])
                }
            }
        }
    }

    private func addBlocks(_ rows: inout SystemRows) throws(ServiceError) {
        for (definition, state) in states() {
            for column in definition.columns {
                for segment in state.segments.segments {
                    for block in 0..<segment.blockCount {
                        try control.check()
                        guard let found = segment.describe(columnID: column.id, block: block)
                        else { continue }
                        let statistics = found.statistics
                        let bounds = statistics.boundTexts(column.type)
                        rows.append([
                            .text(definition.name), .text(column.name),
                            .number(segment.descriptor.id), .count(block),
                            .count(statistics.rowCount), .count(statistics.nullCount),
                            .count(found.byteCount),
                            .bits(found.byteCount, per: statistics.rowCount),
                            .text(found.encoding), tree(segment, column, block),
                            .text(bounds.min), .text(bounds.max),
                            .count(found.filterByteCount),
                        ])
                    }
                }
            }
        }
    }

    /// The whole tree of a block's encodings: the block is read for it, so only when asked.
    private func tree(_ segment: Segment, _ column: ColumnDefinition, _ block: Int) -> Literal {
        guard wanted.contains("encoding_tree") else { return .null }
        do {
            return .text(try segment.encodingTree(columnID: column.id, block: block))
        } catch {
            return .text("damaged")
        }
    }
}
