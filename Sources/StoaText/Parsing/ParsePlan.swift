package import StoaModel

/// One column to be read from a file.
package struct ParseColumn: Hashable, Sendable {
    /// Its name in the table.
    package var name: String
    package var reading: Reading
    package var isNullable: Bool
    /// Its position in the file's records.
    package var position: Int

    package init(name: String, reading: Reading, isNullable: Bool = true, position: Int) {
        self.name = name
        self.reading = reading
        self.isNullable = isNullable
        self.position = position
    }

    package init(name: String, type: ColumnType, isNullable: Bool = true, position: Int) {
        self.init(
            name: name, reading: Reading(type), isNullable: isNullable, position: position)
    }

    package var type: ColumnType { reading.type }
}

/// How chunks of one file become batches.
package struct ParsePlan: Hashable, Sendable {
    package var dialect: Dialect
    /// Cells of every record of the file.
    package var cellCount: Int
    /// The columns that are read, in the order of the batch.
    package var columns: [ParseColumn]
    /// Cells without a name and a value so far: a value there rejects its row.
    package var emptyPositions: [Int] = []
    /// Stop at the first value that is none of its column's type, instead of rejecting its row.
    package var stopsAtMismatch: Bool
    /// Most rows of one batch.
    package var batchRowLimit = 262_144
    /// Bytes of values after which a batch ends.
    package var batchByteLimit = 4 << 20

    package init(
        dialect: Dialect, cellCount: Int, columns: [ParseColumn], stopsAtMismatch: Bool
    ) {
        self.dialect = dialect
        self.cellCount = cellCount
        self.columns = columns
        self.stopsAtMismatch = stopsAtMismatch
    }
}
