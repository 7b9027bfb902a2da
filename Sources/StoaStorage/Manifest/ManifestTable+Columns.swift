internal import StoaBase
internal import StoaModel

/// Changes of a table's columns. Each counts the schema's version on; an id is given out once.
extension ManifestTable {
    /// Adds a column behind all others.
    ///
    /// - Throws: `badName`, `notSupported`.
    mutating func add(_ column: TableDraft.Column) throws(StorageError) {
        guard Names.isValid(column.name) else { throw .badName(column.name) }
        guard column.type.isStorable else {
            throw .notSupported("A column cannot be \(column.type).")
        }
        guard column.isNullable else {
            throw .notSupported(
                "A column that is added cannot be NOT NULL: the rows that are there have no value "
                    + "for it.")
        }
        guard definition.columns.count < Limits.columnCountLimit else {
            throw .notSupported("A table has 1 to \(Limits.columnCountLimit) columns.")
        }
        definition.columns.append(
            ColumnDefinition(id: nextColumnID, name: column.name, type: column.type))
        nextColumnID += 1
        definition.schemaVersion += 1
    }

    /// Leaves a column out from now on.
    ///
    /// - Throws: `unknownColumn`; `notSupported` for the last column, the time column and a
    ///   column that rows are sorted by.
    mutating func dropColumn(_ id: UInt32) throws(StorageError) {
        let index = try columnIndex(id)
        let name = definition.columns[index].name
        guard definition.columns.count > 1 else {
            throw .notSupported("Column \(name) is the last one; a table has at least one.")
        }
        guard definition.timeColumnID != id else {
            throw .notSupported("Column \(name) is the time column of its table.")
        }
        guard !definition.sortColumnIDs.contains(id) else {
            throw .notSupported("Column \(name) is one that the table's rows are sorted by.")
        }
        definition.columns.remove(at: index)
        definition.schemaVersion += 1
    }

    /// Gives a column another name.
    ///
    /// - Throws: `unknownColumn`, `badName`, `duplicateColumn`.
    mutating func renameColumn(_ id: UInt32, to name: String) throws(StorageError) {
        let index = try columnIndex(id)
        guard Names.isValid(name) else { throw .badName(name) }
        let isTaken = definition.columns.contains { $0.id != id && Names.isEqual($0.name, name) }
        guard !isTaken else { throw .duplicateColumn(name) }
        definition.columns[index].name = name
        definition.schemaVersion += 1
    }

    private func columnIndex(_ id: UInt32) throws(StorageError) -> Int {
        guard let index = definition.columns.firstIndex(where: { $0.id == id }) else {
            throw .unknownColumn("#\(id)")
        }
        return index
    }
}

extension TableDefinition {
    /// Whether there is a column of that name, ignoring ASCII case.
    func hasColumn(named name: String) -> Bool {
        columns.contains { Names.isEqual($0.name, name) }
    }
}
