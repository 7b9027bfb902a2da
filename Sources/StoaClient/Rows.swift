internal import StoaModel
internal import StoaWire

/// The rows of a result, one after the other, as they arrive.
///
///     let rows = try await connection.rows("SELECT ticker, price FROM trades")
///     for try await row in rows { print(row[0], row["price"]) }
///
/// For one reader, once. Leaving the loop early cancels the query.
public struct Rows: AsyncSequence, Sendable {
    public typealias Element = Row

    /// The names of the columns, in order; empty for a statement without a result.
    public let columnNames: [String]
    private let stream: ResultStream

    init(_ stream: ResultStream) {
        self.stream = stream
        columnNames = stream.columns.map(\.name)
    }

    /// Reads the rows for `for try await`.
    public struct Iterator: AsyncIteratorProtocol {
        private let stream: ResultStream
        private let columnNames: [String]
        private var batch: RowBatch?
        private var nextRow = 0

        init(_ stream: ResultStream, _ columnNames: [String]) {
            self.stream = stream
            self.columnNames = columnNames
        }

        /// The next row; nil after the last.
        ///
        /// - Throws: ``ClientError`` when the query fails on the way.
        public mutating func next() async throws -> Row? {
            while nextRow >= batch?.rowCount ?? 0 {
                guard let more = try await stream.next() else { return nil }
                batch = more
                nextRow = 0
            }
            guard let batch else { return nil }
            defer { nextRow += 1 }
            let values = batch.columns.map { Value($0.literal(nextRow)) }
            return Row(columnNames: columnNames, values: values)
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream, columnNames) }
}
