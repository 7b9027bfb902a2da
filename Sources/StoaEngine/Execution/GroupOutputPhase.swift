internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Turns finished groups into rows: straight to the client in the order of their first rows, or
/// into a sorter.
final class GroupOutputPhase: Phase {
    private let context: QueryContext
    private let partitions: [GroupStates]
    private let emitter: ResultEmitter
    private let source: GroupSource
    private let outputs: [ExpressionNode]
    /// HAVING.
    private let filter: ExpressionNode?
    private let selected: UnsafeMutablePointer<UInt64>
    private let sorting: SortPlan?
    private let sorter: RowSorter?
    private let loaders: [NumberLoader]
    private let rows: UnsafeMutablePointer<UInt16>
    private let groups: UnsafeMutablePointer<UInt32>
    private var writer: BatchWriter
    private var order: [UInt32] = []
    private var partition = 0
    private var position = 0

    init(
        _ context: QueryContext, _ aggregation: Aggregation, partitions: [GroupStates],
        emitter: ResultEmitter
    ) throws(ServiceError) {
        self.context = context
        self.partitions = partitions
        self.emitter = emitter
        let scratch = context.makeScratch()
        source = try GroupSource(aggregation, partitions: partitions, scratch: scratch)
        let compiler = ExpressionCompiler(source: source, scratch: scratch)
        let plan = context.plan
        rows = try scratch.take(UInt16.self)
        groups = try scratch.take(UInt32.self)
        for row in 0..<Limits.batchRows { rows[row] = UInt16(row) }
        selected = try scratch.takeMask()
        filter = try plan.having.map { having throws(ServiceError) in
            try compiler.compile(having)
        }
        writer = BatchWriter(ResultSchema(plan))
        // Several partitions stand in no order at all, so they are sorted in any case.
        if plan.sortKeys.isEmpty, partitions.count == 1 {
            var nodes: [ExpressionNode] = []
            for output in plan.outputs { nodes.append(try compiler.compile(output.expression)) }
            outputs = nodes
            (sorting, sorter) = (nil, nil)
            loaders = []
        } else {
            // Ties go by the group's key, so that pages are stable.
            let ties =
                plan.sortKeys.isEmpty
                ? []
                : aggregation.keys.enumerated().map {
                    BoundExpression(
                        node: .column($0.offset), type: $0.element.type,
                        isNullable: $0.element.isNullable, position: $0.element.position)
                }
            let sorting = SortPlan(plan, ties: ties)
            self.sorting = sorting
            sorter = sorting.makeSorter(context)
            var nodes: [ExpressionNode] = []
            for expression in sorting.columns { nodes.append(try compiler.compile(expression)) }
            outputs = nodes
            loaders = nodes.map { _ in NumberLoader(scratch: scratch) }
        }
        super.init()
        beginPartition()
    }

    /// The groups of the current partition in the order of their first rows.
    private func beginPartition() {
        position = 0
        guard partition < partitions.count else { return }
        let states = partitions[partition]
        order = (0..<UInt32(states.count)).map { $0 }
        // A worker takes its morsels in order, so its groups stand in order already.
        var isOrdered = true
        for group in 1..<max(1, states.count)
        where states.firstRow(group) < states.firstRow(group - 1) {
            isOrdered = false
            break
        }
        if !isOrdered { order.sort { states.firstRow(Int($0)) < states.firstRow(Int($1)) } }
    }

    private var isDone: Bool { partition >= partitions.count || emitter.isFull }
    private var isBusy = false

    override func claim(worker: Int) -> Claim {
        // Whoever is busy with the groups changes what `isDone` reads.
        if isBusy { return .nothing }
        if isDone { return .exhausted }
        if sorter == nil, !context.control.hasCredit { return .nothing }
        isBusy = true
        return .piece(0)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        for _ in 0..<16 where !isDone {
            if position >= order.count {
                partition += 1
                beginPartition()
                continue
            }
            let count = min(Limits.batchRows, order.count - position)
            for index in 0..<count { groups[index] = order[position + index] }
            position += count
            try output(count)
            if !context.control.hasCredit { break }
        }
    }

    private func output(_ count: Int) throws(ServiceError) {
        var frame = source.begin(partition: partition, groups: groups, count: count)
        var kept = count
        for row in 0..<count { rows[row] = UInt16(row) }
        if let filter {
            let truth = try filter.truth(frame)
            kept = MaskWords.rows(truth.isTrue, rowCount: count, into: rows)
            if kept == 0 { return }
            MaskWords.copy(truth.isTrue, rowCount: count, into: selected)
            frame = source.narrowed(frame, to: selected)
        }
        var vectors: [Vector] = []
        for node in outputs { vectors.append(try node.value(frame).vector) }
        guard let sorter else {
            try writer.append(vectors, rows: rows, count: kept)
            for batch in writer.takeFinished() { emitter.emit(batch) }
            return
        }
        if let first = sorting?.order.keys.first?.column {
            kept = try sorter.select(
                vectors[first], rows: rows, count: kept, loader: loaders[first])
        }
        // A group's place is the row in which it was first seen.
        let (states, rows, groups) = (partitions[partition], rows, groups)
        try sorter.append(vectors, rows: rows, count: kept, loaders: loaders) { index in
            states.firstRow(Int(groups[Int(rows[index])]))
        }
    }

    override func didRun(_ piece: Int) { isBusy = false }

    override func finish() throws(ServiceError) -> Phase? {
        if let sorter, let sorting {
            return try SortedOutputPhase(context, sorting, sorter, emitter)
        }
        if writer.rowCount > 0 { writer.finishBatch() }
        for batch in writer.takeFinished() { emitter.emit(batch) }
        emitter.finish()
        return nil
    }
}
