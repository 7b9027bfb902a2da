internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

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
                try context.checkInterrupts()
                try taken.states.merge(table, groups: groups, scratch: (sources, self.groups))
            }
            for log in logs { try add(log, partition, to: taken) }
        } catch {
            guard error.code == .memoryLimit else { throw error }
            current = nil
            // Finished groups make room first.
            if try collector.sorter?.relieve() ?? false {
                return try run(tables, logs, partition, level: level)
            }
            // Too many groups at once: the rows are spread by further bits of the hash.
            guard level < Self.levelLimit, !logs.isEmpty else { throw error }
            try collector.sorter?.spill()
            return try split(tables, logs, partition, level: level)
        }
        for log in logs { log.release(partition) }
        guard let states = current?.states else { return }
        var position = 0
        while position < states.count {
            try context.checkInterrupts()
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
                    try states.table.find(words, count: count, into: groups)
                }
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
            try context.checkInterrupts()
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
