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
            let aggregation = Aggregation(
                keys: keys, aggregates: aggregates, context: context,
                slots: try SlotPlan.make(keys, context))
            return try AggregatePhase(context, aggregation, emitter)
        case .rows where plan.sortKeys.isEmpty: return RowStreamPhase(context, emitter)
        case .rows: return RowSortPhase(context, emitter)
        }
    }
}
