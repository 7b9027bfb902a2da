internal import StoaBase
internal import StoaModel

/// Sends a query's batches to its sink, in order, cut to OFFSET and LIMIT. Whoever uses it is
/// alone with it: the owner of the first unfinished morsel, or the holder of the job's lock.
final class ResultEmitter {
    private let schema: ResultSchema
    private let sink: ResultSink
    private let control: QueryControl
    private var offsetLeft: Int
    private var limitLeft: Int
    /// Whether a batch is on its way to the client.
    private(set) var hasSent = false
    private(set) var rowCount = 0

    init(
        _ schema: ResultSchema, sink: ResultSink, control: QueryControl,
        window: (offset: Int, limit: Int?)
    ) {
        self.schema = schema
        self.sink = sink
        self.control = control
        offsetLeft = window.offset
        limitLeft = window.limit ?? .max
    }

    /// Whether more rows would be thrown away.
    var isFull: Bool { limitLeft == 0 }

    /// Sends a batch, or what OFFSET and LIMIT leave of it.
    func emit(_ batch: (bytes: [UInt8], rowCount: Int)) {
        let skipped = min(offsetLeft, batch.rowCount)
        offsetLeft -= skipped
        let kept = min(limitLeft, batch.rowCount - skipped)
        guard kept > 0 else { return }
        limitLeft -= kept
        rowCount += kept
        if kept == batch.rowCount {
            send(batch.bytes)
        } else {
            send(Self.slice(batch.bytes, skipped..<skipped + kept))
        }
    }

    /// Sends the schema, if nothing was sent.
    func finish() {
        if !hasSent { send(RowBatch.encode(schema.builders())) }
    }

    private func send(_ bytes: [UInt8]) {
        hasSent = true
        control.useCredit(bytes.count)
        sink.onBatch(bytes)
    }

    /// Some rows of a batch, cell by cell: at most two batches of a result need it.
    private static func slice(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        guard let batch = try? RowBatch.decode(Bytes(bytes)) else {
            invariant(false, "our own batch can be read")
            return bytes
        }
        return RowBatch.encode(
            batch.columns.map { column in
                var builder = ColumnBuilder(name: column.name, type: column.type)
                for row in range { builder.append(column.literal(row)) }
                return builder
            })
    }
}
