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
    let record: QueryRecord
    let startNanoseconds: Int64
    /// Monotonic nanoseconds at which the statement fails; nil: never.
    let deadline: Int64?

    /// A statement with the tables that it was bound against.
    struct Bound {
        let statement: BoundStatement
        let snapshot: Snapshot
    }

    /// Whether a statement counts among the queries that run at the same time. What an operator
    /// needs to see and to end queries never waits for one.
    static func needsPlace(_ statement: BoundStatement) -> Bool {
        switch statement {
        case .select(let plan), .explain(let plan, isAnalyze: true):
            !plan.countsRowsOnly && (plan.table.map { SystemTable(id: $0.id) == nil } ?? false)
        default: false
        }
    }

    /// Whether a statement reads no block, so that it may be answered where it was asked. SET is
    /// among them: what the client sends behind it is to see it.
    static func readsNothing(_ statement: BoundStatement) -> Bool {
        if case .set = statement { return true }
        guard case .select(let plan) = statement else { return false }
        guard let table = plan.table else { return true }
        return plan.countsRowsOnly && SystemTable(id: table.id) == nil
    }

    /// Parses and binds a statement.
    func bind(_ text: [UInt8]) throws(ServiceError) -> Bound {
        let snapshot = database.store.snapshot()
        guard snapshot.generation >= options.minimumGeneration else {
            throw ServiceError(
                .invalidValue, "The generation asked for is not visible yet.",
                retryAfterMilliseconds: 10)
        }
        let folder = ConstantFolder(scratchPool: database.scratchPool, budget: database.budget)
        let context = BindContext(
            parameters: options.parameters,
            now: HostClock.wallMicroseconds(),
            fold: { folder.value($0) })
        do {
            var catalog = snapshot.catalog
            catalog.systemTables = SystemTable.definitions
            let statement = try Binder.bind(
                try Parser.parse(text), catalog: catalog, context: context)
            return Bound(statement: statement, snapshot: snapshot)
        } catch {
            throw error.serviceError
        }
    }

    /// The phases to run; nil when the store answers by its own callback.
    func start(_ bound: Bound) throws(ServiceError) -> RunningStatement? {
        let snapshot = bound.snapshot
        switch bound.statement {
        case .select(let plan): return try select(plan, snapshot)
        case .explain(let plan, let isAnalyze):
            guard !isAnalyze else { return try analyze(plan, snapshot) }
            let scan = try ScanPlan(plan, table: try table(of: plan, snapshot))
            return answer(Explanation.column(Explanation.lines(plan, scan)), snapshot)
        case .kill(let id):
            guard database.queries.kill(id) else {
                throw ServiceError(
                    .unknownRequest, "There is no running query \(id).",
                    hint: "system.queries shows the numbers.")
            }
            database.statementEvents.didKill(id, by: options.session?.client)
            return answer(TableListing.done(), snapshot)
        case .set(let change):
            guard let session = options.session else {
                throw ServiceError(
                    .notSupported, "There is no session whose settings could change.",
                    hint: "Send the setting with the statement that it is for.")
            }
            try session.change(change)
            return answer(TableListing.done(), snapshot)
        case .showSetting(let name, let position):
            let setting = try QuerySetting.named(name, position: position)
            return answer(settings.column(setting), snapshot)
        case .showSettings: return answer(settings.columns, snapshot)
        case .showTables: return answer(TableListing.rows(snapshot), snapshot)
        case .describe(let table): return answer(TableListing.columns(table), snapshot)
        case .dropNothing: return answer(TableListing.done(), snapshot)
        case .createTable, .dropTable, .renameTable, .changeColumn, .truncate, .insert, .flush:
            StoreStatement(runner: self).run(bound.statement)
            return nil
        }
    }

    /// The rows a SELECT reads; those of a system table are made now.
    private func table(
        of plan: SelectPlan, _ snapshot: Snapshot
    ) throws(ServiceError) -> TableSnapshot? {
        guard let table = plan.table else { return nil }
        guard let system = SystemTable(id: table.id) else { return snapshot.table(table.id) }
        let wanted = Set(plan.scanColumns.map { table.columns[$0].name })
        let source = SystemSource(
            database: database, snapshot: snapshot, control: control, wanted: wanted,
            settings: settings)
        return try source.rows(of: system)
    }

    private var settings: SettingListing { SettingListing(database.options, options) }

    private func select(
        _ plan: SelectPlan, _ snapshot: Snapshot
    ) throws(ServiceError) -> RunningStatement {
        let context = try makeContext(plan, snapshot)
        let emitter = ResultEmitter(
            ResultSchema(plan), sink: sink, control: control, window: (plan.offset, plan.limit))
        return RunningStatement(
            phase: try QueryPhases.first(context, emitter), context: context, emitter: emitter,
            generation: snapshot.generation, startNanoseconds: startNanoseconds)
    }

    /// Runs a SELECT, throws its rows away and sends what running it took.
    private func analyze(
        _ plan: SelectPlan, _ snapshot: Snapshot
    ) throws(ServiceError) -> RunningStatement {
        let context = try makeContext(plan, snapshot)
        context.counters.countsEncodings = true
        let discarding = ResultEmitter(
            ResultSchema(plan), sink: ResultSink(onBatch: { _ in }, onEnd: { _ in }),
            // Rows that nobody gets need no credit.
            control: QueryControl(initialCredit: .max, wake: {}),
            window: (plan.offset, plan.limit))
        control.addCredit(.max)
        let schema = ResultSchema(names: [Explanation.columnName], types: [.string])
        let emitter = ResultEmitter(schema, sink: sink, control: control, window: (0, nil))
        let analysis = Analysis(
            context: context, discarded: discarding, emitter: emitter,
            startNanoseconds: startNanoseconds)
        return RunningStatement(
            phase: AnalyzedPhase(try QueryPhases.first(context, discarding), analysis),
            context: context, emitter: emitter, generation: snapshot.generation,
            startNanoseconds: startNanoseconds)
    }

    private func makeContext(
        _ plan: SelectPlan, _ snapshot: Snapshot
    ) throws(ServiceError) -> QueryContext {
        let scan = try ScanPlan(plan, table: try table(of: plan, snapshot))
        // What goes to disk goes by this limit, so it must be one that can be reached.
        let limit = min(
            options.memoryByteCountLimit ?? database.options.queryMemoryByteCountLimit,
            database.options.memoryByteCountLimit)
        let context = QueryContext(
            plan: plan, scan: scan,
            budget: MemoryBudget(byteCountLimit: limit, parent: database.budget),
            database: database, limits: (control, deadline))
        context.counters.didSkip(rows: scan.rowsSkipped, blocks: scan.blocksSkipped)
        record.didBegin(context)
        return context
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
