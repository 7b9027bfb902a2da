internal import StoaBase
package import StoaModel

/// Changes of the manifest as values: the new state, or why not.
extension Manifest {
    /// The state after `change`, which takes place at `lsn`; nil when there is nothing to do.
    ///
    /// - Throws: what the change's caller did wrong.
    package func applying(
        _ change: TableChange, at lsn: UInt64, newTableID: TableID
    ) throws(StorageError) -> Manifest? {
        var result = self
        switch change {
        case .create(let draft):
            let definition = try draft.definition(id: newTableID)
            if tableIndex(named: draft.name) != nil {
                if draft.ifNotExists { return nil }
                throw .tableExists(draft.name)
            }
            result.add(definition, at: lsn)
        case .drop(let id):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            result.tables.remove(at: index)
        case .rename(let id, let name):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            guard Names.isValid(name) else { throw .badName(name) }
            if let other = tableIndex(named: name), other != index { throw .tableExists(name) }
            result.tables[index].definition.name = name
        case .addColumn(let id, let column, let ifNotExists):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            if tables[index].definition.hasColumn(named: column.name) {
                if ifNotExists { return nil }
                throw .duplicateColumn(column.name)
            }
            try result.tables[index].add(column)
        case .dropColumn(let id, let columnID):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            try result.tables[index].dropColumn(columnID)
        case .renameColumn(let id, let columnID, let name):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            try result.tables[index].renameColumn(columnID, to: name)
        case .truncate(let id):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            // Everything in the log so far has a smaller number.
            result.tables[index].sealedLSN = lsn
            result.tables[index].segments = []
        case .load(let load):
            try result.apply(load, at: lsn)
        case .replace(let id, let replacements):
            guard let index = tableIndex(id) else { throw .unknownTable("\(id)") }
            for replacement in replacements {
                let segments = result.tables[index].segments
                guard let place = segments.firstIndex(where: { $0.id == replacement.id }) else {
                    throw .notSupported("The table changed meanwhile; say it again")
                }
                result.tables[index].segments.replaceSubrange(
                    place...place, with: replacement.segments.map(\.descriptor))
            }
        }
        result.lsn = lsn
        return result
    }

    private mutating func add(_ definition: TableDefinition, at lsn: UInt64) {
        nextTableID = max(nextTableID, definition.id + 1)
        tables.append(ManifestTable(definition: definition, sealedLSN: lsn))
    }

    private mutating func apply(_ load: LoadChange, at lsn: UInt64) throws(StorageError) {
        if let definition = load.newTable {
            guard tableIndex(named: definition.name) == nil else {
                throw .tableExists(definition.name)
            }
            add(definition, at: lsn)
        }
        guard let index = tableIndex(load.tableID) else {
            throw .unknownTable("\(load.tableID)")
        }
        if let label = load.label {
            guard !tables[index].labels.contains(where: { $0.text == label }) else {
                throw .duplicateLabel(label)
            }
            if tables[index].labels.count == ManifestTable.labelCountLimit {
                tables[index].labels.removeFirst()
            }
            tables[index].labels.append(
                LoadLabel(text: label, lsn: lsn, rowCount: UInt64(load.rowCount)))
        }
        tables[index].segments += load.segments.map(\.descriptor)
    }

    /// The state after a table's rows up to `sealedLSN` went into segments; nil when the table is
    /// gone.
    package func sealing(
        _ tableID: TableID, _ segments: [SegmentDescriptor], upTo sealedLSN: UInt64
    ) -> Manifest? {
        guard let index = tableIndex(tableID) else { return nil }
        var result = self
        invariant(
            sealedLSN > result.tables[index].sealedLSN, "rows are sealed once, oldest first")
        result.tables[index].sealedLSN = sealedLSN
        result.tables[index].segments += segments
        return result
    }
}
