internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Turns one worker's finished groups into result rows: into a sorter, or straight into batches
/// where the groups stand in the order of the result.
final class GroupCollector {
    let sorter: RowSorter?
    let sorting: SortPlan?
    private(set) var writer: BatchWriter
    private let source: GroupSource
    private let outputs: [ExpressionNode]
    /// HAVING.
    private let filter: ExpressionNode?
    private let loaders: [NumberLoader]
    private let rows: UnsafeMutablePointer<UInt16>
    private let groups: UnsafeMutablePointer<UInt32>

    init(_ context: QueryContext, _ aggregation: Aggregation) throws(ServiceError) {
        let scratch = context.makeScratch()
        source = try GroupSource(aggregation, scratch: scratch)
        let compiler = ExpressionCompiler(source: source, scratch: scratch)
        let plan = context.plan
        rows = try scratch.take(UInt16.self)
        groups = try scratch.take(UInt32.self)
        for row in 0..<Limits.batchRows { rows[row] = UInt16(row) }
        writer = BatchWriter(ResultSchema(context), budget: context.budget)
        var expressions = plan.outputs.map(\.expression)
        if plan.sortKeys.isEmpty, aggregation.keys.isEmpty || aggregation.isDense {
            (sorting, sorter) = (nil, nil)
        } else {
            let sorting = SortPlan(plan, ties: aggregation.keyColumns)
            self.sorting = sorting
            sorter = sorting.makeSorter(context)
            expressions = sorting.columns
        }
        filter = try plan.having.map { having throws(ServiceError) in
            try compiler.compile(having)
        }
        var nodes: [ExpressionNode] = []
        for expression in expressions { nodes.append(try compiler.compile(expression)) }
        outputs = nodes
        loaders = nodes.map { _ in NumberLoader(scratch: scratch) }
    }

    /// Adds up to a batch of groups from `position` on, which moves behind them.
    func addBatch(of states: GroupStates, from position: inout Int) throws(ServiceError) {
        var count = states.nextGroups(from: &position, into: groups)
        guard count > 0 else { return }
        var frame = source.begin(states, groups: groups, count: count)
        if let filter {
            let truth = try filter.truth(frame)
            count = keep(MaskWords.rows(truth.isTrue, rowCount: count, into: rows), of: count)
            guard count > 0 else { return }
            frame = source.begin(states, groups: groups, count: count)
        }
        guard let sorter else {
            try writer.append(try vectors(frame), rows: rows, count: count)
            return
        }
        var kept = count
        if let first = sorting?.order.keys.first?.column {
            kept = try sorter.select(
                try outputs[first].value(frame).vector, rows: rows, count: count,
                loader: loaders[first])
        }
        if kept < count {
            // Groups that are left out may still hold an error that the query has.
            if outputs.contains(where: \.canFail) { _ = try vectors(frame) }
            guard keep(kept, of: count) > 0 else { return }
            frame = source.begin(states, groups: groups, count: kept)
        }
        // Keys are distinct, so nothing is left for the place to decide.
        try sorter.append(
            try vectors(frame), rows: rows, count: kept, loaders: loaders
        ) { _ in 0 }
    }

    /// Keeps the groups in the first `kept` of `rows`, and makes `rows` all of them again.
    private func keep(_ kept: Int, of count: Int) -> Int {
        for index in 0..<kept { groups[index] = groups[Int(rows[index])] }
        for row in 0..<count { rows[row] = UInt16(row) }
        return kept
    }

    /// Lets go of the groups added last.
    func release() { source.end() }

    private func vectors(_ frame: Frame) throws(ServiceError) -> [Vector] {
        var vectors: [Vector] = []
        for node in outputs { vectors.append(try node.value(frame).vector) }
        return vectors
    }

    /// Takes the full batches away; with `isLast` the open one too.
    func takeFinished(isLast: Bool) -> [(bytes: [UInt8], rowCount: Int)] {
        if isLast, writer.rowCount > 0 { writer.finishBatch() }
        return writer.takeFinished()
    }
}
