internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `min` and `max` of everything that has 64-bit order keys.
final class ExtremeRunner: AggregateRunner {
    private let extremes: ExtremeState
    private let input: AggregateInput?
    private let isMax: Bool

    init(_ call: AggregateCall, input: AggregateInput?, budget: MemoryBudget) {
        isMax = call.function == .max
        extremes = ExtremeState(isMax: isMax, budget: budget)
        self.input = input
        super.init(call, state: extremes)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        guard let input else { return }
        let value = try input.node.value(frame)
        let vector = value.vector
        let mask = input.mask(frame, vector)
        if case .integers(let source) = vector.content,
            let line = NarrowLine(source, bounds: value.bounds, type: input.node.type)
        {
            let found = LaneSums.bounds(source, mask: mask, rowCount: frame.rowCount)
            guard let found else { return }
            let number = isMax ? found.upperBound : found.lowerBound
            let pattern = Int64(truncatingIfNeeded: line.sum(of: number, count: 1))
            return extremes.add(input.node.type.isUnsigned64 ? pattern ^ .min : pattern, to: 0)
        }
        let keys = try input.loader.orderKeys(vector, type: input.node.type)
        guard let bounds = SumKernels.bounds(keys, mask: mask, rowCount: frame.rowCount) else {
            return
        }
        extremes.add(isMax ? bounds.upperBound : bounds.lowerBound, to: 0)
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        if case .integers(let source) = vector.content, !input.node.type.isUnsigned64,
            !rows.isOneGroup
        {
            return try withinBudget { () throws(MemoryLimitReached) in
                try extremes.add(source, validity: vector.validity, rows: rows)
            }
        }
        let keys = try input.loader.orderKeys(vector, type: input.node.type)
        try withinBudget { () throws(MemoryLimitReached) in
            try extremes.add(keys, validity: vector.validity, rows: rows)
        }
    }

    override func share(_ tally: GroupTally) { extremes.share(tally) }

    override func addBlock(
        _ statistics: BlockStatistics?, rowCount: Int, to group: Int
    ) throws(ServiceError) -> Bool {
        guard let statistics else { return false }
        guard statistics.nullCount < statistics.rowCount else { return true }
        switch statistics.bounds {
        case .integers(let low, let high):
            let value = isMax ? high : low
            let isUnsigned = call.argument?.type.isUnsigned64 ?? false
            let pattern = Int64(truncatingIfNeeded: value)
            extremes.add(isUnsigned ? pattern ^ .min : pattern, to: group)
            return true
        case .floats(let low, let high):
            extremes.add(OrderKey.key(isMax ? high : low), to: group)
            return true
        case .none, .strings: return false
        }
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        if call.type.isFloat {
            return try buffers.floats(count: count) { index in
                extremes.value(Int(groups[index])).map { OrderKey.float($0) }
            }
        }
        let values = try buffers.integerValues()
        let validity = extremes.write(
            groups, count: count, into: values, validity: buffers.validity)
        if call.type.isUnsigned64 {
            for index in 0..<count { values[index] ^= .min }
        }
        return try buffers.integers(count: count, validity: validity)
    }
}

/// `min` and `max` of decimals of more than 18 digits.
final class WideExtremeRunner: AggregateRunner {
    private let extremes: WideExtremeState
    private let input: AggregateInput?
    private let groupZero = ZeroGroups()

    init(_ call: AggregateCall, input: AggregateInput?, budget: MemoryBudget) {
        extremes = WideExtremeState(isMax: call.function == .max, budget: budget)
        self.input = input
        super.init(call, state: extremes)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        try add(frame, groupZero.rows(frame))
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        let numbers = try input.loader.wide(
            vector, isUnsigned: input.node.type.isUnsigned64)
        extremes.add(numbers, validity: vector.validity, rows: rows)
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        try buffers.wide(count: count) { index throws(ServiceError) in
            extremes.value(Int(groups[index]))
        }
    }
}

/// `min` and `max` of strings.
final class StringExtremeRunner: AggregateRunner {
    private let extremes: StringExtremeState
    private let input: AggregateInput?
    private let groupZero = ZeroGroups()

    init(_ call: AggregateCall, input: AggregateInput?, budget: MemoryBudget) {
        extremes = StringExtremeState(isMax: call.function == .max, budget: budget)
        self.input = input
        super.init(call, state: extremes)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        try add(frame, groupZero.rows(frame))
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        let strings = try input.loader.strings(vector)
        try withinBudget { () throws(MemoryLimitReached) in
            try extremes.add(strings, validity: vector.validity, rows: rows)
        }
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        try buffers.strings(count: count) { extremes.value(Int(groups[$0])) }
    }
}

/// The selected rows of a frame, all of group 0.
final class ZeroGroups {
    private let selected: UnsafeMutablePointer<UInt16>
    private let zeros: UnsafeMutablePointer<UInt32>

    init() {
        selected = .allocate(capacity: Limits.batchRows)
        selected.initialize(repeating: 0, count: Limits.batchRows)
        zeros = .allocate(capacity: Limits.batchRows)
        zeros.initialize(repeating: 0, count: Limits.batchRows)
    }

    deinit {
        selected.deallocate()
        zeros.deallocate()
    }

    func rows(_ frame: Frame) -> GroupedRows {
        let count = MaskWords.rows(frame.selection, rowCount: frame.rowCount, into: selected)
        return GroupedRows(rows: selected, groups: zeros, count: count)
    }
}
