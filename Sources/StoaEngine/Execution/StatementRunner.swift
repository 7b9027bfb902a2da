internal import StoaBase
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

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
    /// What ends the binding of the statement.
    let bindingStop: StopSignal

    /// A statement with the tables that it was bound against.
    struct Bound {
        let statement: BoundStatement
        let snapshot: Snapshot
        /// The memory of the constants that were computed for it.
        let constants: MemoryShare
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

    /// Whether a query reads no more rows than a block may have: it is over in milliseconds.
    static func isShort(_ bound: Bound) -> Bool {
        guard case .select(let plan) = bound.statement, let table = plan.table else { return false }
        return bound.snapshot.table(table.id).map { $0.rowCount <= Limits.blockRowsLimit } ?? true
    }

    /// Whether a statement reads no block, so that it may be answered where it was asked. SET is
    /// among them: what the client sends behind it is to see it.
    static func readsNothing(_ statement: BoundStatement) -> Bool {
        if case .set = statement { return true }
        guard case .select(let plan) = statement, !computesText(plan) else { return false }
        guard let table = plan.table else { return true }
        return plan.countsRowsOnly && SystemTable(id: table.id) == nil
    }

    /// Whether an expression has a text that is not known yet: computing it may take long.
    private static func computesText(_ plan: SelectPlan) -> Bool {
        var pending = plan.outputs.map(\.expression) + plan.sortKeys.map(\.expression)
        if let filter = plan.filter { pending.append(filter) }
        if let having = plan.having { pending.append(having) }
        if case .aggregate(let keys, let calls) = plan.stage {
            pending += keys
            for call in calls {
                pending += [call.argument, call.by, call.filter].compactMap { $0 }
            }
        }
        while let next = pending.popLast() {
            if next.type == .string, next.literal == nil { return true }
            pending.append(contentsOf: next.node.children)
        }
        return false
    }

    /// Parses and binds a statement.
    func bind(_ text: [UInt8]) throws(ServiceError) -> Bound {
        let snapshot = database.store.snapshot()
        guard snapshot.generation >= options.minimumGeneration else {
            throw ServiceError(
                .invalidValue, "The generation asked for is not visible yet.",
                retryAfterMilliseconds: 10)
        }
        let folder = ConstantFolder(
            scratchPool: database.scratchPool, budget: makeBudget(bindingStop), stop: bindingStop)
        let context = BindContext(
            parameters: options.parameters,
            now: HostClock.wallMicroseconds(), version: database.options.version,
            stop: bindingStop,
            fold: { folder.value($0) })
        do {
            var catalog = snapshot.catalog
            catalog.systemTables = SystemTable.definitions
            catalog.informationTables = SystemTable.informationDefinitions
            let statement = try Binder.bind(
                try Parser.parse(text), catalog: catalog, context: context)
            return Bound(statement: statement, snapshot: snapshot, constants: folder.kept)
        } catch {
            throw error.serviceError
        }
    }

    /// The phases to run; nil when the store answers by its own callback.
    func start(_ bound: Bound) throws(ServiceError) -> RunningStatement? {
        let snapshot = bound.snapshot
        switch bound.statement {
        case .select(let plan): return try select(plan, bound)
        case .explain(let plan, let isAnalyze):
            guard !isAnalyze else { return try analyze(plan, bound) }
            let scan = ScanPlan(plan, table: try table(of: plan, snapshot))
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
        case .listing(let listing): return answer(self.listing(listing), snapshot)
        case .showSetting(let name, let position):
            if let fixed = FixedSetting.named(name, version: database.options.version) {
                return answer(settings.column(fixed), snapshot)
            }
            let setting = try QuerySetting.named(name, position: position)
            return answer(settings.column(setting), snapshot)
        case .showSettings: return answer(settings.columns, snapshot)
        case .showTables: return answer(TableListing.rows(snapshot), snapshot)
        case .describe(let table): return answer(TableListing.columns(table), snapshot)
        case .dropNothing: return answer(TableListing.done(), snapshot)
        case .createTable, .dropTable, .renameTable, .changeColumn, .truncate, .dropDamagedRows,
            .insert, .flush:
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

    private func listing(_ listing: Listing) -> [ColumnBuilder] {
        switch listing {
        case .nothing: TableListing.done()
        case .databases: TableListing.names([SystemTable.databaseName])
        case .schemas: TableListing.names(SystemTable.schemaNames)
        case .functions: TableListing.functions()
        case .createTable(let table): TableListing.statement(of: table)
        case .outputs(let plan): TableListing.outputs(plan)
        case .values(let columns): columns
        }
    }

    private var settings: SettingListing { SettingListing(database.options, options) }

    private func select(
        _ plan: SelectPlan, _ bound: Bound
    ) throws(ServiceError) -> RunningStatement {
        let context = try makeContext(plan, bound.snapshot)
        let emitter = ResultEmitter(
            ResultSchema(plan), sink: sink, control: control, window: (plan.offset, plan.limit))
        return RunningStatement(
            phase: FirstPhase(context, emitter), context: context, emitter: emitter,
            bound: bound, startNanoseconds: startNanoseconds)
    }

    /// Runs a SELECT, throws its rows away and sends what running it took.
    private func analyze(
        _ plan: SelectPlan, _ bound: Bound
    ) throws(ServiceError) -> RunningStatement {
        let context = try makeContext(plan, bound.snapshot)
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
            context: context, emitter: emitter, bound: bound,
            startNanoseconds: startNanoseconds)
    }

    /// Memory of this statement.
    private func makeBudget(_ stop: StopSignal) -> MemoryBudget {
        // What goes to disk goes by this limit, so it must be one that can be reached.
        let limit = min(
            options.memoryByteCountLimit ?? database.options.queryMemoryByteCountLimit,
            database.budget.byteCountLimit)
        return database.memory.queryBudget(byteCountLimit: limit, stop: stop)
    }

    private func makeContext(
        _ plan: SelectPlan, _ snapshot: Snapshot
    ) throws(ServiceError) -> QueryContext {
        let scan = ScanPlan(plan, table: try table(of: plan, snapshot))
        let context = QueryContext(
            plan: plan, scan: scan, budget: makeBudget(control.stop), database: database,
            control: control)
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
