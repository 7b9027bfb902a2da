internal import StoaBase
internal import StoaModel
internal import StoaQuery

/// Which columns rows are kept with while they are sorted: the outputs, then what else the order
/// needs.
struct SortPlan {
    let columns: [BoundExpression]
    let order: SortOrder
    let outputCount: Int
    /// Rows wanted in the end; nil is all.
    let limit: Int?

    init(_ plan: SelectPlan, ties: [BoundExpression]) {
        var columns = plan.outputs.map(\.expression)
        outputCount = columns.count
        var keys: [SortOrder.Key] = []
        func add(_ expression: BoundExpression, _ isDescending: Bool, _ isNullsFirst: Bool) {
            var column = columns.count
            if let known = columns.firstIndex(of: expression) {
                column = known
            } else {
                columns.append(expression)
            }
            keys.append(
                SortOrder.Key(
                    column: column, isDescending: isDescending, isNullsFirst: isNullsFirst))
        }
        for key in plan.sortKeys { add(key.expression, key.isDescending, key.isNullsFirst) }
        for tie in ties { add(tie, false, false) }
        self.columns = columns
        order = SortOrder(keys: keys)
        // How many rows are equal is seen when they are in order.
        let wanted = plan.isDistinct ? nil : plan.limit
        limit = wanted.map { $0.addingReportingOverflow(plan.offset).partialValue }
            .flatMap { $0 > 0 && $0 < 1 << 32 ? $0 : nil }
    }

    func makeSorter(_ context: QueryContext) -> RowSorter {
        let share = context.budget.byteCountLimit / 16 / max(1, context.workerCount)
        return RowSorter(
            types: columns.map(\.type), order: order, limit: limit, budget: context.budget,
            runByteCount: max(128 << 10, share), makeSpillFile: { context.makeSpillFile() },
            check: { () throws(ServiceError) in try context.checkInterrupts() })
    }
}
