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
    /// Groups of what needed no scan.
    private var counted: GroupStates?
    /// Groups up to which one worker merges all; more are merged by partition.
    private static let smallGroupCount = 16_384

    init(
        _ context: QueryContext, _ aggregation: Aggregation, _ emitter: ResultEmitter
    ) throws(ServiceError) {
        self.context = context
        self.aggregation = aggregation
        self.emitter = emitter
        workers = WorkerSlots(count: context.workerCount)
        let onlyCountsRows =
            aggregation.keys.isEmpty && context.plan.filter == nil
            && aggregation.aggregates.allSatisfy { $0.argument == nil && $0.filter == nil }
        guard onlyCountsRows else {
            morsels = context.scan.morsels
            return
        }
        // The snapshot knows its rows: no block is touched.
        let states = try GroupStates(aggregation, compiler: nil, budget: context.budget)
        try states.grow(to: 1)
        let rowCount = context.scan.morsels.reduce(0) { $0 + $1.rowCount }
        for runner in states.runners { _ = runner.addBlock(nil, rowCount: rowCount) }
        context.counters.didSkip(rows: rowCount, blocks: context.scan.morsels.count)
        counted = states
        morsels = []
    }

    override var isParallel: Bool { morsels.count > 2 }

    override func claim(worker: Int) -> Claim {
        guard next < morsels.count else { return .exhausted }
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
        try groups.add(morsels[piece])
    }

    override func finish() throws(ServiceError) -> Phase? {
        let found = workers.takeAll().map(\.groups) + (counted.map { [$0] } ?? [])
        if found.count == 1 { return try output(found) }
        let groupCount = found.reduce(0) { $0 + $1.count }
        if groupCount > Self.smallGroupCount {
            return MergePhase(found, context, aggregation) { partitions throws(ServiceError) in
                try self.output(partitions)
            }
        }
        let all = try GroupStates(aggregation, compiler: nil, budget: context.budget)
        if aggregation.keys.isEmpty { try all.grow(to: 1) }
        for groups in found { try all.merge(groups, partition: 0, partitionBits: 0) }
        return try output([all])
    }

    private func output(_ partitions: [GroupStates]) throws(ServiceError) -> Phase {
        try GroupOutputPhase(
            context, aggregation, partitions: partitions, emitter: emitter)
    }
}

/// Merges the groups of all workers, each partition of the hash by one worker.
final class MergePhase: Phase {
    private static let partitionBits = 4
    private var found: [GroupStates]
    private let context: QueryContext
    private let aggregation: Aggregation
    private let partitions = WorkerSlots<GroupStates>(count: 1 << partitionBits)
    private var next = 0
    private let output: ([GroupStates]) throws(ServiceError) -> Phase

    init(
        _ found: [GroupStates], _ context: QueryContext, _ aggregation: Aggregation,
        output: @escaping ([GroupStates]) throws(ServiceError) -> Phase
    ) {
        self.found = found
        self.context = context
        self.aggregation = aggregation
        self.output = output
    }

    override var isParallel: Bool { true }

    override func claim(worker: Int) -> Claim {
        guard next < 1 << Self.partitionBits else { return .exhausted }
        next += 1
        return .piece(next - 1)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        let merged = try partitions.get(piece) { () throws(ServiceError) in
            try GroupStates(aggregation, compiler: nil, budget: context.budget)
        }
        for groups in found {
            try merged.merge(groups, partition: piece, partitionBits: Self.partitionBits)
        }
    }

    override func finish() throws(ServiceError) -> Phase? {
        found = []
        return try output(partitions.takeAll())
    }
}
