internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Sends rows in table order while several workers scan.
///
/// Each morsel collects its own batches. The first unfinished one, the head, sends them as they
/// fill; the others keep theirs until they are the head, and stop in the middle when they hold
/// about a megabyte. So a result of any size needs the memory of a few batches, and a client that
/// reads slowly stops the scan.
final class RowStreamPhase: Phase {
    private let context: QueryContext
    private let emitter: ResultEmitter
    private let workers: WorkerSlots<StreamingWorker>
    private let lock = Lock()
    /// Morsels that were begun and whose batches are not all sent, by position.
    private var tasks: [Int: StreamTask] = [:]
    private var head = 0
    private var next = 0
    private var hasRefused = false

    init(_ context: QueryContext, _ emitter: ResultEmitter) {
        self.context = context
        self.emitter = emitter
        workers = WorkerSlots(count: context.workerCount)
    }

    override var isParallel: Bool { context.scan.morsels.count > 2 }

    /// As the emitter said when a piece was done: in between it is the head's alone.
    private var isFull = false

    private var isDone: Bool { head >= context.scan.morsels.count || isFull }

    override func claim(worker: Int) -> Claim {
        lock.withLock {
            if isDone { return .exhausted }
            guard context.control.hasCredit else { return .nothing }
            if let task = tasks[head], !task.isRunning {
                task.isRunning = true
                return .piece(head)
            }
            let window = isParallel ? context.workerCount + 1 : 1
            if next < context.scan.morsels.count, next < head + window {
                let task = StreamTask(ResultSchema(context), budget: context.budget)
                task.isRunning = true
                tasks[next] = task
                next += 1
                return .piece(next - 1)
            }
            hasRefused = true
            return .nothing
        }
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        guard let task = lock.withLock({ tasks[piece] }) else { return }
        let scanner = try workers.get(worker) { () throws(ServiceError) in
            try StreamingWorker(context)
        }
        let morsel = context.scan.morsels[piece]
        try scanner.begin(morsel, task)
        while task.nextRow < morsel.rowCount {
            try scanner.scanBatch(morsel, task)
            if isHead(piece) {
                let finished = task.writer.takeFinished()
                if !finished.isEmpty { try context.checkReads(of: morsel.block) }
                for batch in finished { emitter.emit(batch) }
                if emitter.isFull || !context.control.hasCredit { break }
            } else if task.writer.finishedByteCount > 0 {
                break
            }
        }
        // What is left is sent by whoever comes by.
        try context.checkReads(of: morsel.block)
        scanner.end(morsel, isComplete: task.nextRow >= morsel.rowCount)
    }

    private func isHead(_ piece: Int) -> Bool { lock.withLock { head == piece } }

    override func didRun(_ piece: Int) {
        lock.withLock {
            guard let task = tasks[piece] else { return }
            task.isRunning = false
            task.isComplete = task.nextRow >= context.scan.morsels[piece].rowCount
            // Complete morsels at the head are sent by whoever comes by.
            while let first = tasks[head], first.isComplete, !first.isRunning {
                if first.writer.rowCount > 0 { first.writer.finishBatch() }
                for batch in first.writer.takeFinished() { emitter.emit(batch) }
                tasks[head] = nil
                head += 1
            }
            // While the head is at work on another thread the emitter is not looked at.
            if tasks[head].map({ !$0.isRunning }) ?? true { isFull = emitter.isFull }
        }
    }

    override func takeRefusal() -> Bool {
        lock.withLock {
            defer { hasRefused = false }
            return hasRefused
        }
    }

    override func finish() throws(ServiceError) -> Phase? {
        emitter.finish()
        return nil
    }
}

/// How far a morsel is. One worker at a time has it.
final class StreamTask {
    var nextRow = 0
    /// Rows written so far.
    var rowCount = 0
    var writer: BatchWriter
    var isRunning = false
    var isComplete = false

    init(_ schema: ResultSchema, budget: MemoryBudget) {
        writer = BatchWriter(schema, budget: budget)
    }
}

/// One worker's expressions in a row stream.
final class StreamingWorker {
    private let context: QueryContext
    private let scanner: RowScanner
    private let nodes: [ExpressionNode]
    private let rows: UnsafeMutablePointer<UInt16>
    private var bytesBefore = 0
    private let rowLimit: Int

    init(_ context: QueryContext) throws(ServiceError) {
        self.context = context
        scanner = try RowScanner(context)
        var nodes: [ExpressionNode] = []
        for output in context.plan.outputs {
            nodes.append(try scanner.compiler.compile(output.expression))
        }
        self.nodes = nodes
        rows = try scanner.compiler.scratch.take(UInt16.self)
        let (limit, overflow) = (context.plan.limit ?? .max)
            .addingReportingOverflow(context.plan.offset)
        rowLimit = overflow ? .max : limit
    }

    func begin(_ morsel: ScanPlan.Morsel, _ task: StreamTask) throws(ServiceError) {
        bytesBefore = scanner.input.bytesRead
        if try !scanner.begin(morsel) { task.nextRow = morsel.rowCount }
    }

    /// The task's next batch of rows.
    func scanBatch(_ morsel: ScanPlan.Morsel, _ task: StreamTask) throws(ServiceError) {
        guard let part = try scanner.next(from: task.nextRow) else {
            task.nextRow = morsel.rowCount
            return
        }
        task.nextRow = part.endRow
        guard let frame = part.frame else { return }
        let count = MaskWords.rows(frame.selection, rowCount: frame.rowCount, into: rows)
        var vectors: [Vector] = []
        for node in nodes { vectors.append(try node.value(frame).vector) }
        let wanted = min(count, max(0, rowLimit - task.rowCount))
        try task.writer.append(vectors, rows: rows, count: wanted)
        task.rowCount += wanted
        // No morsel need give more rows than the whole result has.
        if task.rowCount >= rowLimit { task.nextRow = morsel.rowCount }
    }

    func end(_ morsel: ScanPlan.Morsel, isComplete: Bool) {
        context.counters.didScan(
            rows: isComplete ? morsel.rowCount : 0, blocks: isComplete ? 1 : 0,
            bytes: scanner.input.bytesRead - bytesBefore)
    }
}
