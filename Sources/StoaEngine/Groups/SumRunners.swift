internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `count(*)` and `count(x)`.
final class CountRunner: AggregateRunner {
    private let counts: CountState
    private let input: AggregateInput?

    init(_ call: AggregateCall, input: AggregateInput?, budget: MemoryBudget) {
        counts = CountState(budget: budget)
        self.input = input
        super.init(call, state: counts)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        var validity: UnsafePointer<UInt64>?
        if let input { validity = try input.node.value(frame).vector.validity }
        counts.add(
            MaskWords.count(frame.selection, and: validity, rowCount: frame.rowCount), to: 0)
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        var validity: UnsafePointer<UInt64>?
        if let input { validity = try input.node.value(frame).vector.validity }
        try withinBudget { () throws(MemoryLimitReached) in
            try counts.add(rows, validity: validity)
        }
    }

    override var needsRowCounts: Bool { true }
    override func share(_ tally: GroupTally) { counts.share(tally) }

    override func addBlock(
        _ statistics: BlockStatistics?, rowCount: Int, to group: Int
    ) throws(ServiceError) -> Bool {
        if call.argument == nil {
            counts.add(rowCount, to: group)
            return true
        }
        guard let statistics else { return false }
        counts.add(rowCount - statistics.nullCount, to: group)
        return true
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        counts.write(groups, count: count, into: try buffers.integerValues())
        return try buffers.integers(count: count, validity: nil)
    }
}

/// `sum` and `avg` of floats: exact, rounded once.
final class FloatSumRunner: FloatRunner {
    private let sums: FloatSumState

    init(
        _ call: AggregateCall, input: AggregateInput?, choice: FloatGridChoice,
        budget: MemoryBudget
    ) {
        sums = FloatSumState(choice: choice, budget: budget)
        super.init(call, input: input, floats: sums)
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        let isAverage = call.function == .avg
        return try buffers.floats(count: count) { index in
            let group = Int(groups[index])
            guard sums.count(group) > 0 else { return nil }
            return isAverage ? sums.average(group) : sums.sum(group)
        }
    }
}
