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
        guard let first = collectors.first, let all = first.sorter, let sorting = first.sorting
        else {
            emitter.finish()
            return nil
        }
        for other in collectors.dropFirst() {
            if let sorter = other.sorter { try all.append(sorter) }
        }
        return try SortedOutputPhase(context, sorting, all, emitter)
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

/// What groups one partition after the other: states over the fields of records.
private final class PartitionStates {
    let source: RecordSource
    let compiler: ExpressionCompiler
    let states: GroupStates

    init(
        _ aggregation: Aggregation, _ layout: RecordLayout, _ context: QueryContext
    ) throws(ServiceError) {
        let scratch = context.makeScratch()
        source = try RecordSource(layout, scratch: scratch)
        compiler = ExpressionCompiler(source: source, scratch: scratch)
        states = try GroupStates(
            aggregation, calls: aggregation.aggregates.map { layout.call($0) },
            compiler: compiler, budget: context.budget)
    }
}

/// One worker's share of the partitions.
final class PartitionWorker {
    let collector: GroupCollector
    private let context: QueryContext
    private let aggregation: Aggregation
    private let layout: RecordLayout
    private var current: PartitionStates?
    private let rows: UnsafeMutablePointer<UInt16>
    private let groups: UnsafeMutablePointer<UInt32>
    private let sources: UnsafeMutablePointer<UInt32>
    private let scratch: Scratch
    /// Times a partition is split before it is too large for good.
    private static let levelLimit = 6
    /// The least memory for the rows of a partition that is being split.
    private static let splitByteCount = 512 << 10

    init(_ context: QueryContext, _ aggregation: Aggregation) throws(ServiceError) {
        self.context = context
        self.aggregation = aggregation
        layout = RecordLayout(aggregation, context.scan)
        collector = try GroupCollector(context, aggregation)
        scratch = context.makeScratch()
        rows = try scratch.take(UInt16.self)
        groups = try scratch.take(UInt32.self)
        sources = try scratch.take(UInt32.self)
        for row in 0..<Limits.batchRows { rows[row] = UInt16(row) }
    }

    private func takeStates() throws(ServiceError) -> PartitionStates {
        if let current { return current }
        let made = try PartitionStates(aggregation, layout, context)
        current = made
        return made
    }

    /// Groups one partition.
    func run(_ input: PartitionInput, _ partition: Int) throws(ServiceError) {
        let tables = input.tables.map { ($0.states, Array($0.groups(partition))) }
        try run(tables, input.logs, partition, level: 0)
    }

    private func run(
        _ tables: [(states: GroupStates, groups: [UInt32])], _ logs: [RowLog], _ partition: Int,
        level: Int
    ) throws(ServiceError) {
        do {
            let taken = try takeStates()
            for (table, groups) in tables {
                try taken.states.merge(table, groups: groups, scratch: (sources, self.groups))
            }
            for log in logs { try add(log, partition, to: taken) }
        } catch {
            // Too many groups at once: the rows are spread by further bits of the hash.
            guard error.code == .memoryLimit, level < Self.levelLimit, !logs.isEmpty else {
                throw error
            }
            current = nil
            return try split(tables, logs, partition, level: level)
        }
        for log in logs { log.release(partition) }
        guard let states = current?.states else { return }
        var position = 0
        while position < states.count {
            try collector.addBatch(of: states, from: &position)
        }
        collector.release()
        if !states.clear() { current = nil }
    }

    private func add(
        _ log: RowLog, _ partition: Int, to taken: PartitionStates
    ) throws(ServiceError) {
        let (source, states) = (taken.source, taken.states)
        try log.forEachChunk(partition) { chunk throws(ServiceError) in
            try context.checkInterrupts()
            var first = 0
            while first < chunk.recordCount {
                let count = min(Limits.batchRows, chunk.recordCount - first)
                let frame = source.begin(chunk, first: first, count: count)
                let words = try source.keys()
                try withinBudget { () throws(MemoryLimitReached) in
                    try states.table.reserve(count)
                }
                states.table.find(words, count: count, into: groups)
                try states.grow(to: states.table.count)
                try states.add(
                    frame,
                    GroupedRows(rows: rows, groups: groups, count: count, isWhole: true))
                first += count
            }
        }
    }

    /// Spreads the rows of a partition over a log of its own, and groups that.
    private func split(
        _ tables: [(states: GroupStates, groups: [UInt32])], _ logs: [RowLog], _ partition: Int,
        level: Int
    ) throws(ServiceError) {
        let bits = logs.first?.partitionBits ?? aggregation.limits.partitionBits
        // The other workers hold memory too; what does not fit goes to the file.
        let share = max(Self.splitByteCount, context.budget.byteCountLimit / 16)
        let parts = RowLog(
            layout, partitionBits: bits, level: level + 1, share: share,
            spill: context.makeSpillFile(), budget: context.budget)
        try spread(logs, partition, over: parts)
        parts.seal()
        for part in 0..<parts.partitionCount {
            let inside = tables.map { table, groups in
                (
                    table,
                    groups.filter {
                        RecordLayout.partition(
                            table.table.hash(Int($0)), level: level + 1, bits: bits) == part
                    }
                )
            }
            try run(inside, [parts], part, level: level + 1)
        }
    }

    private func spread(
        _ logs: [RowLog], _ partition: Int, over parts: RowLog
    ) throws(ServiceError) {
        let reader = try PartitionStates(aggregation, layout, context)
        let source = reader.source
        let writer = try RecordWriter(parts, layout: layout, compiler: reader.compiler)
        for log in logs {
            try log.forEachChunk(partition) { chunk throws(ServiceError) in
                try context.checkInterrupts()
                var first = 0
                while first < chunk.recordCount {
                    let count = min(Limits.batchRows, chunk.recordCount - first)
                    let frame = source.begin(chunk, first: first, count: count)
                    try writer.add(frame, words: try source.keys(), rows: rows, count: count)
                    first += count
                }
            }
            log.release(partition)
        }
    }
}
