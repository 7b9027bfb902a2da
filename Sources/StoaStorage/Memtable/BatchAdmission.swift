internal import StoaBase
package import StoaModel

/// Decides whether a batch may enter a table.
///
/// Columns are matched by name (exactly first, else ignoring ASCII case). A column that the batch
/// lacks becomes NULL. A type is accepted when every value of it is a value of the table's type:
/// narrower integers, decimals of the same scale and fewer digits, FLOAT32 for FLOAT64.
package enum BatchAdmission {
    /// The batch with its columns matched by name.
    ///
    /// - Throws: `unknownColumn`, `duplicateColumn`, `typeMismatch` or `notNullViolation`, naming
    ///   the column; nothing has changed then.
    package static func check(
        _ batch: RowBatch, against definition: TableDefinition
    ) throws(StorageError) -> AdmittedBatch {
        var sources = [Int?](repeating: nil, count: definition.columns.count)
        for (batchIndex, column) in batch.columns.enumerated() {
            guard let index = definition.columnIndex(named: column.name) else {
                throw .unknownColumn(column.name)
            }
            guard sources[index] == nil else { throw .duplicateColumn(column.name) }
            sources[index] = batchIndex
        }
        return try admit(batch, sources: sources, definition: definition)
    }

    /// The batch with its columns matched by the ids that the log stored beside it. Columns that
    /// the table had once, with ids below `nextColumnID`, are left out.
    ///
    /// - Throws: as `check(_:against:)`; a wrong number of ids is a `badBatch`.
    package static func check(
        _ batch: RowBatch, columnIDs: [UInt32], against definition: TableDefinition,
        nextColumnID: UInt32 = 0
    ) throws(StorageError) -> AdmittedBatch {
        guard columnIDs.count == batch.columns.count else {
            throw .badBatch(
                "\(batch.columns.count) columns come with \(columnIDs.count) column ids")
        }
        var sources = [Int?](repeating: nil, count: definition.columns.count)
        for (batchIndex, id) in columnIDs.enumerated() {
            guard let index = definition.columns.firstIndex(where: { $0.id == id }) else {
                if id > 0, id < nextColumnID { continue }
                throw .unknownColumn(batch.columns[batchIndex].name)
            }
            guard sources[index] == nil else {
                throw .duplicateColumn(batch.columns[batchIndex].name)
            }
            sources[index] = batchIndex
        }
        return try admit(batch, sources: sources, definition: definition)
    }

    /// Whether every value of `found` is a value of `expected`.
    package static func accepts(_ found: ColumnType, for expected: ColumnType) -> Bool {
        if found == expected { return true }
        if found == .float32, expected == .float64 { return true }
        if found.isDecimal, expected.isDecimal {
            return found.scale == expected.scale && found.precision <= expected.precision
        }
        guard found.isInteger, expected.isInteger, let inner = found.integerRange,
            let outer = expected.integerRange
        else { return false }
        return outer.contains(inner.lowerBound) && outer.contains(inner.upperBound)
    }

    private static func admit(
        _ batch: RowBatch, sources: [Int?], definition: TableDefinition
    ) throws(StorageError) -> AdmittedBatch {
        for (column, source) in zip(definition.columns, sources) {
            invariant(column.type.isStorable, "a table's columns can be stored")
            guard let source else {
                guard column.isNullable || batch.rowCount == 0 else {
                    throw .notNullViolation(column: column.name)
                }
                continue
            }
            let found = batch.columns[source]
            guard accepts(found.type, for: column.type) else {
                throw .typeMismatch(
                    column: column.name, expected: column.type, found: found.type)
            }
            guard column.isNullable || found.nullCount == 0 else {
                throw .notNullViolation(column: column.name)
            }
        }
        return AdmittedBatch(batch: batch, definition: definition, sources: sources)
    }
}
