internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Scans rows into one sorter per worker.
final class RowSortPhase: Phase {
    private let context: QueryContext
    private let emitter: ResultEmitter
    private let sorting: SortPlan
    private let workers: WorkerSlots<SortingWorker>
    private let morsels: [ScanPlan.Morsel]
    private let top: TopBound?
    private var next = 0
    private var firstWorker: Int?

    init(_ context: QueryContext, _ emitter: ResultEmitter) {
        self.context = context
        self.emitter = emitter
        sorting = SortPlan(context.plan, ties: [])
        workers = WorkerSlots(count: context.workerCount)
        top = TopBound(sorting, columnIDs: context.scan.columnIDs)
        morsels = top?.ordered(context.scan.morsels) ?? context.scan.morsels
    }

    override var isParallel: Bool { morsels.count > 2 }

    override func claim(worker: Int) -> Claim {
        guard next < morsels.count else { return .exhausted }
        if !isParallel, let firstWorker, firstWorker != worker { return .nothing }
        firstWorker = worker
        next += 1
        return .piece(next - 1)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        let rows = try workers.get(worker) { () throws(ServiceError) in
            try SortingWorker(context, sorting, top)
        }
        try rows.add(morsels[piece])
    }

    override func finish() throws(ServiceError) -> Phase? {
        let sorters = workers.takeAll().map(\.sorter)
        return try SortedOutputPhase(context, sorting, sorters, emitter)
    }
}

/// One worker's rows on their way into order.
final class SortingWorker {
    let sorter: RowSorter
    private let scanner: RowScanner
    private let nodes: [ExpressionNode]
    private let loaders: [NumberLoader]
    private let firstKey: Int?
    private let rows: UnsafeMutablePointer<UInt16>
    private let context: QueryContext
    /// Nil when rows beyond the bound matter too: an error in them is one of the query.
    private let top: TopBound?

    init(_ context: QueryContext, _ sorting: SortPlan, _ top: TopBound?) throws(ServiceError) {
        self.context = context
        sorter = sorting.makeSorter(context)
        scanner = try RowScanner(context)
        let compiler = scanner.compiler
        var nodes: [ExpressionNode] = []
        for expression in sorting.columns { nodes.append(try compiler.compile(expression)) }
        self.nodes = nodes
        loaders = nodes.map { _ in NumberLoader(scratch: compiler.scratch) }
        rows = try compiler.scratch.take(UInt16.self)
        firstKey = sorting.order.keys.first?.column
        let canFail = scanner.canFail || nodes.contains(where: \.canFail)
        self.top = canFail ? nil : top
    }

    func add(_ morsel: ScanPlan.Morsel) throws(ServiceError) {
        if let rank = top?.tighten(sorter.threshold) {
            sorter.tighten(rank)
            scanner.selection.bound = top?.conjunct(rank, morsel.block)
        }
        guard scanner.coverage(morsel) != .none else {
            return context.counters.didSkip(rows: morsel.rowCount, blocks: 1)
        }
        try scanner.scanParts(morsel, allowsGather: true) { frame, part throws(ServiceError) in
            var count = MaskWords.rows(frame.selection, rowCount: frame.rowCount, into: rows)
            if let firstKey {
                count = try sorter.select(
                    try nodes[firstKey].value(frame).vector, rows: rows, count: count,
                    loader: loaders[firstKey])
            }
            // Columns of a batch without candidates are not even read, unless reading could
            // find an error that the query has.
            guard count > 0 || nodes.contains(where: \.canFail) else { return }
            var vectors: [Vector] = []
            for node in nodes { vectors.append(try node.value(frame).vector) }
            let rows = rows
            try sorter.append(vectors, rows: rows, count: count, loaders: loaders) { index in
                UInt64(morsel.firstRow + scanner.blockRow(Int(rows[index]), of: part))
            }
        }
    }
}
