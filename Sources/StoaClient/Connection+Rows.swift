internal import StoaBase
internal import StoaModel
internal import StoaWire

extension Connection {
    /// Runs one statement and gives its rows as they arrive.
    ///
    /// - Throws: ``ClientError`` with what the server answered.
    public func rows(_ sql: String) async throws -> Rows {
        Rows(try await query(sql))
    }

    /// Runs one statement whose rows do not matter, to its end.
    ///
    /// - Returns: The number of rows it wrote.
    /// - Throws: ``ClientError`` with what the server answered.
    @discardableResult
    public func execute(_ sql: String) async throws -> UInt64 {
        let result = try await query(sql)
        while try await result.next() != nil {}
        return result.summary?.affectedRowCount ?? 0
    }

    /// Stores rows in a table, all or none; they are durable and visible when it returns.
    ///
    /// - Parameters:
    ///   - table: The table's name.
    ///   - columns: Columns of one length, matched by name; a missing one is NULL.
    ///   - producer: Who sends. With it, the same `sequence` is stored once, however often it is
    ///     sent: after `connectionLost`, send it again.
    ///   - sequence: 1, 2, 3, … within the producer's stream; not used without a producer.
    /// - Returns: Whether the batch was stored now: false for a duplicate.
    /// - Throws: ``ClientError`` with what the server answered.
    @discardableResult
    public func append(
        to table: String, _ columns: [InputColumn], producer: Producer? = nil, sequence: UInt64 = 0
    ) async throws -> Bool {
        let rowCount = columns.first?.builder.rowCount ?? 0
        guard rowCount <= Limits.batchRowsLimit,
            columns.allSatisfy({ $0.builder.rowCount == rowCount }),
            columns.allSatisfy({ Names.isValid($0.builder.name) })
        else {
            throw ClientError(
                .badBatch, "columns have names and one length of at most 1,048,576 rows")
        }
        let origin = producer?.origin(sequence: sequence) ?? .none
        let batch = RowBatch.encode(columns.map(\.builder))
        return try await !ingest(table: table, batch: batch, origin: origin).isDuplicate
    }
}
