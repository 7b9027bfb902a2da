internal import StoaModel
internal import StoaQuery

/// Chooses how a SELECT runs.
enum QueryPhases {
    static func first(
        _ context: QueryContext, _ emitter: ResultEmitter
    ) throws(ServiceError) -> Phase {
        let plan = context.plan
        if plan.limit == 0 {
            return KnownResultPhase((RowBatch.encode(ResultSchema(plan).builders()), 0), emitter)
        }
        switch plan.stage {
        case .aggregate(let keys, let aggregates):
            if let batch = knownCounts(plan, context) { return KnownResultPhase(batch, emitter) }
            let aggregation = Aggregation(
                keys: keys, aggregates: aggregates, context: context,
                slots: try SlotPlan.make(keys, context))
            return try AggregatePhase(context, aggregation, emitter)
        case .rows where plan.sortKeys.isEmpty: return RowStreamPhase(context, emitter)
        case .rows: return RowSortPhase(context, emitter)
        }
    }

    /// The one row of `SELECT count(*) FROM t`, which needs no groups; nil where the counts go
    /// into an expression or a condition.
    private static func knownCounts(
        _ plan: SelectPlan, _ context: QueryContext
    ) -> (bytes: [UInt8], rowCount: Int)? {
        guard let counted = context.scan.counted, plan.having == nil else { return nil }
        var columns = ResultSchema(plan).builders()
        for (index, output) in plan.outputs.enumerated() {
            guard case .column = output.expression.node else { return nil }
            columns[index].append(integer: Int64(counted.rows))
        }
        context.counters.didSkip(rows: counted.rows, blocks: counted.blocks)
        return (RowBatch.encode(columns), 1)
    }
}

/// What every SELECT begins with: its first stage is made as work of the query, so that what it
/// lacks is lacked like anything else.
final class FirstPhase: Phase {
    private let context: QueryContext
    private let emitter: ResultEmitter

    init(_ context: QueryContext, _ emitter: ResultEmitter) {
        self.context = context
        self.emitter = emitter
    }

    override func finish() throws(ServiceError) -> Phase? {
        try QueryPhases.first(context, emitter)
    }
}
