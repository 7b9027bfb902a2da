internal import StoaBase
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// A statement whose phases are under way.
final class RunningStatement: @unchecked Sendable {
    // SAFETY: immutable after init; the emitter is used as it says.
    let phase: Phase
    /// Nil for statements that scan nothing.
    let context: QueryContext?
    private let emitter: ResultEmitter
    private let generation: UInt64
    private let startNanoseconds: Int64

    init(
        phase: Phase, context: QueryContext?, emitter: ResultEmitter, generation: UInt64,
        startNanoseconds: Int64
    ) {
        self.phase = phase
        self.context = context
        self.emitter = emitter
        self.generation = generation
        self.startNanoseconds = startNanoseconds
    }

    /// What the end of the result says.
    func summary() -> QuerySummary {
        var summary = QuerySummary()
        context?.counters.fill(&summary)
        summary.rowCount = emitter.rowCount
        summary.generation = generation
        summary.elapsedNanoseconds = HostClock.monotonicNanoseconds() - startNanoseconds
        return summary
    }
}

/// Parses and binds a statement and starts what it says.
struct StatementRunner {
    let database: Database
    let control: QueryControl
    let options: QueryOptions
    let sink: ResultSink
    let startNanoseconds: Int64

    /// The phases to run; nil when the store answers by its own callback.
    func start(_ text: [UInt8]) throws(ServiceError) -> RunningStatement? {
        let snapshot = database.store.snapshot()
        guard snapshot.generation >= options.minimumGeneration else {
            throw ServiceError(
                .invalidValue, "The generation asked for is not visible yet.",
                retryAfterMilliseconds: 10)
        }
        let statement = try bind(text, snapshot)
        switch statement {
        case .select(let plan): return try select(plan, snapshot)
        case .showTables: return answer(TableListing.rows(snapshot), snapshot)
        case .describe(let table): return answer(TableListing.columns(table), snapshot)
        case .dropNothing: return answer(TableListing.done(), snapshot)
        case .createTable, .dropTable, .renameTable, .insert:
            StoreStatement(runner: self).run(statement)
            return nil
        }
    }

    private func bind(
        _ text: [UInt8], _ snapshot: Snapshot
    ) throws(ServiceError) -> BoundStatement {
        let folder = ConstantFolder(scratchPool: database.scratchPool, budget: database.budget)
        let context = BindContext(
            parameters: options.parameters,
            now: HostClock.wallMicroseconds(),
            fold: { folder.value($0) })
        do {
            return try Binder.bind(
                try Parser.parse(text), catalog: snapshot.catalog, context: context)
        } catch {
            throw error.serviceError
        }
    }

    private func select(
        _ plan: SelectPlan, _ snapshot: Snapshot
    ) throws(ServiceError) -> RunningStatement {
        let table = plan.table.flatMap { snapshot.table($0.id) }
        let scan = ScanPlan(plan, table: table)
        let timeout = options.timeoutSeconds ?? database.options.queryTimeoutSeconds
        let deadline =
            timeout > 0 && timeout < 1e9
            ? startNanoseconds + Int64(timeout * 1e9) : nil
        let limit = options.memoryByteCountLimit ?? database.options.queryMemoryByteCountLimit
        let context = QueryContext(
            plan: plan, scan: scan,
            budget: MemoryBudget(byteCountLimit: limit, parent: database.budget),
            database: database, limits: (control, deadline))
        context.counters.didSkip(rows: scan.rowsSkipped, blocks: scan.blocksSkipped)
        let emitter = ResultEmitter(
            ResultSchema(plan), sink: sink, control: control, window: (plan.offset, plan.limit))
        return RunningStatement(
            phase: try QueryPhases.first(context, emitter), context: context, emitter: emitter,
            generation: snapshot.generation, startNanoseconds: startNanoseconds)
    }

    /// A small result that is known at once.
    private func answer(
        _ columns: [ColumnBuilder], _ snapshot: Snapshot
    ) -> RunningStatement {
        let schema = ResultSchema(names: columns.map(\.name), types: columns.map(\.type))
        let emitter = ResultEmitter(schema, sink: sink, control: control, window: (0, nil))
        let batch = (bytes: RowBatch.encode(columns), rowCount: columns.first?.rowCount ?? 0)
        return RunningStatement(
            phase: KnownResultPhase(batch, emitter), context: nil, emitter: emitter,
            generation: snapshot.generation, startNanoseconds: startNanoseconds)
    }
}

/// A result that is one batch and needs no work.
final class KnownResultPhase: Phase {
    private let batch: (bytes: [UInt8], rowCount: Int)
    private let emitter: ResultEmitter

    init(_ batch: (bytes: [UInt8], rowCount: Int), _ emitter: ResultEmitter) {
        self.batch = batch
        self.emitter = emitter
    }

    override func finish() throws(ServiceError) -> Phase? {
        emitter.emit(batch)
        emitter.finish()
        return nil
    }
}
