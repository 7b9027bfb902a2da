internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Finishes groups that were spread over the workers: each partition of the keys' hash has one
/// worker, which merges the groups found so far, adds the rows put aside, and passes its groups
/// on to the result. Nothing is merged across partitions.
final class PartitionPhase: Phase {
    private let context: QueryContext
    private let aggregation: Aggregation
    private let emitter: ResultEmitter
    private let input: PartitionInput
    private let workers: WorkerSlots<PartitionWorker>
    private var next = 0

    init(
        _ found: [WorkerGroups], _ context: QueryContext, _ aggregation: Aggregation,
        _ emitter: ResultEmitter
    ) throws(ServiceError) {
        self.context = context
        self.aggregation = aggregation
        self.emitter = emitter
        let logs = found.compactMap(\.log)
        for log in logs { log.seal() }
        let bits = logs.first?.partitionBits ?? 4
        var tables: [TablePartitions] = []
        for groups in found.map(\.groups) where groups.table.count > 0 {
            tables.append(try TablePartitions(groups, bits: bits, budget: context.budget))
        }
        input = PartitionInput(tables: tables, logs: logs, bits: bits)
        workers = WorkerSlots(count: context.workerCount)
    }

    override var isParallel: Bool { true }

    override func claim(worker: Int) -> Claim {
        guard next < 1 << input.bits else { return .exhausted }
        next += 1
        return .piece(next - 1)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        let partition = try workers.get(worker) { () throws(ServiceError) in
            try PartitionWorker(context, aggregation)
        }
        try partition.run(input, piece)
    }

    override func finish() throws(ServiceError) -> Phase? {
        let collectors = workers.takeAll().map(\.collector)
        guard let sorting = collectors.first?.sorting else {
            emitter.finish()
            return nil
        }
        return try SortedOutputPhase(context, sorting, collectors.compactMap(\.sorter), emitter)
    }
}

/// What the partitions are made of.
final class PartitionInput: @unchecked Sendable {
    // SAFETY: each partition is read and released by one worker.
    let tables: [TablePartitions]
    let logs: [RowLog]
    let bits: Int

    init(tables: [TablePartitions], logs: [RowLog], bits: Int) {
        self.tables = tables
        self.logs = logs
        self.bits = bits
    }
}

/// The groups of a worker's table by the partition of their hash.
final class TablePartitions {
    let states: GroupStates
    private var order: GrowingBuffer<UInt32>
    private let starts: [Int]

    init(_ states: GroupStates, bits: Int, budget: MemoryBudget) throws(ServiceError) {
        self.states = states
        let table = states.table
        let count = table.count
        order = GrowingBuffer(budget: budget)
        var starts = [Int](repeating: 0, count: 1 << bits + 1)
        for group in 0..<count {
            starts[RecordLayout.partition(table.hash(group), level: 0, bits: bits) + 1] += 1
        }
        for partition in 0..<1 << bits { starts[partition + 1] += starts[partition] }
        self.starts = starts
        try withinBudget { () throws(MemoryLimitReached) in
            try order.reserve(count, used: 0)
        }
        for group in 0..<count {
            let partition = RecordLayout.partition(table.hash(group), level: 0, bits: bits)
            order.base[starts[partition]] = UInt32(group)
            starts[partition] += 1
        }
    }

    /// The groups of a partition.
    func groups(_ partition: Int) -> UnsafeBufferPointer<UInt32> {
        let range = starts[partition]..<starts[partition + 1]
        return UnsafeBufferPointer(start: order.base + range.lowerBound, count: range.count)
    }
}
