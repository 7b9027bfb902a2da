internal import StoaBase
internal import StoaModel
internal import StoaQuery

/// Sends rows in their order, as far as the client's credit goes.
final class SortedOutputPhase: Phase {
    private let context: QueryContext
    private let sorted: SortedRows
    private let emitter: ResultEmitter
    private let buffers: [ResultBuffers]
    private let rows: UnsafeMutablePointer<UInt16>
    private var writer: BatchWriter
    /// Nil where equal rows are wanted as often as they come.
    private let distinct: DistinctRows?
    private var isBusy = false

    init(
        _ context: QueryContext, _ sorting: SortPlan, _ sorters: [RowSorter],
        _ emitter: ResultEmitter
    ) throws(ServiceError) {
        self.context = context
        self.emitter = emitter
        let scratch = context.makeScratch()
        var buffers: [ResultBuffers] = []
        for _ in 0..<sorting.outputCount { buffers.append(try ResultBuffers(scratch: scratch)) }
        self.buffers = buffers
        rows = try scratch.take(UInt16.self)
        for row in 0..<Limits.batchRows { rows[row] = UInt16(row) }
        distinct =
            context.plan.isDistinct
            ? DistinctRows(types: context.plan.outputs.map(\.type), scratch: scratch) : nil
        sorted = try SortedRows(sorters, context)
        // The emitter cuts OFFSET and LIMIT; rows beyond both are not even gathered.
        writer = BatchWriter(ResultSchema(context), budget: context.budget)
        super.init()
    }

    private var isDone: Bool { sorted.isDone || emitter.isFull }

    override func claim(worker: Int) -> Claim {
        // Whoever is busy with the rows changes what `isDone` reads.
        if isBusy { return .nothing }
        if isDone { return .exhausted }
        if !context.control.hasCredit { return .nothing }
        isBusy = true
        return .piece(0)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        for _ in 0..<16 where !isDone && context.control.hasCredit {
            try context.checkInterrupts()
            try sorted.advance()
            var vectors: [Vector] = []
            for (column, buffer) in buffers.enumerated() {
                vectors.append(try sorted.vector(column: column, into: buffer))
            }
            let count = try distinct?.select(vectors, count: sorted.count, into: rows)
            try writer.append(vectors, rows: rows, count: count ?? sorted.count)
            try context.checkReads()
            for batch in writer.takeFinished() { emitter.emit(batch) }
        }
    }

    override func didRun(_ piece: Int) { isBusy = false }

    override func finish() throws(ServiceError) -> Phase? {
        try context.checkReads()
        if writer.rowCount > 0 { writer.finishBatch() }
        for batch in writer.takeFinished() { emitter.emit(batch) }
        emitter.finish()
        return nil
    }
}
