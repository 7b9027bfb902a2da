internal import StoaBase
internal import StoaModel
internal import StoaQuery

/// Scans the blocks into one set of groups per worker.
final class AggregatePhase: Phase {
    private let context: QueryContext
    private let aggregation: Aggregation
    private let emitter: ResultEmitter
    private let workers: WorkerSlots<WorkerGroups>
    private let morsels: [ScanPlan.Morsel]
    private var next = 0
    private var firstWorker: Int?
    /// Whether the keys had a value that their plan knew nothing of, or too many strings.
    private let isRefused = Flag()
    /// Groups of what needed no scan.
    private var counted: GroupStates?

    init(
        _ context: QueryContext, _ aggregation: Aggregation, _ emitter: ResultEmitter
    ) throws(ServiceError) {
        self.context = context
        self.aggregation = aggregation
        self.emitter = emitter
        workers = WorkerSlots(count: context.workerCount)
        guard let rows = context.scan.counted else {
            morsels = context.scan.morsels
            return
        }
        // The snapshot knows its rows: no block is touched.
        let states = try GroupStates(aggregation, compiler: nil, budget: context.budget)
        for runner in states.runners { _ = try runner.addBlock(nil, rowCount: rows.rows, to: 0) }
        context.counters.didSkip(rows: rows.rows, blocks: rows.blocks)
        counted = states
        morsels = []
    }

    override var isParallel: Bool { morsels.count > 2 }

    override func claim(worker: Int) -> Claim {
        guard next < morsels.count, !isRefused.isSet else { return .exhausted }
        // Few morsels are not worth the state of a second worker.
        if morsels.count <= 2, let firstWorker, firstWorker != worker { return .nothing }
        firstWorker = worker
        next += 1
        return .piece(next - 1)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        let groups = try workers.get(worker) { () throws(ServiceError) in
            try WorkerGroups(context, aggregation: aggregation)
        }
        if try !groups.add(morsels[piece]) { isRefused.set() }
    }

    override func finish() throws(ServiceError) -> Phase? {
        let found = workers.takeAll()
        if isRefused.isSet {
            // Nothing was sent yet: all is read again, and any value taken as a key.
            return try AggregatePhase(context, aggregation.widened(context), emitter)
        }
        if !aggregation.isDense, !aggregation.keys.isEmpty {
            let groupCount = found.reduce(0) { $0 + $1.groups.count }
            let isSmall = found.count <= 1 || groupCount <= aggregation.limits.smallGroupCount
            if !isSmall || found.contains(where: { $0.log != nil }) {
                return try PartitionPhase(found, context, aggregation, emitter)
            }
        }
        let all = found.map(\.groups) + (counted.map { [$0] } ?? [])
        for groups in all { groups.settle() }
        guard let first = all.first else {
            let none = try GroupStates(aggregation, compiler: nil, budget: context.budget)
            return try GroupOutputPhase(context, aggregation, none, emitter: emitter)
        }
        for groups in all.dropFirst() { try first.merge(groups) }
        return try GroupOutputPhase(context, aggregation, first, emitter: emitter)
    }
}

/// Something that any worker may notice, once.
final class Flag: @unchecked Sendable {
    // SAFETY: the value is touched only while `lock` is held.
    private let lock = Lock()
    private var value = false

    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}
