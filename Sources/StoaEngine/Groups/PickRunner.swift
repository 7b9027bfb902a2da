internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `first`, `last`, `any_value`, `arg_min` and `arg_max`.
final class PickRunner: AggregateRunner {
    private let picks: PickState
    private let input: AggregateInput?
    private let by: AggregateInput?
    private let groupZero = ZeroGroups()

    init(
        _ call: AggregateCall, input: AggregateInput?, by: AggregateInput?, budget: MemoryBudget
    ) {
        let order = PickState.Order(
            isMax: call.function == .argMax || call.function == .last,
            isLast: call.function == .last)
        picks = PickState(
            order: order, hasTexts: call.argument?.type == .string || call.by?.type == .string,
            budget: budget)
        self.input = input
        self.by = by
        super.init(call, state: picks)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        try add(frame, groupZero.rows(frame))
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        var batch = PickState.Input(
            keys: .none, values: try values(vector, input), place: frame.place)
        batch.valueValidity = vector.validity
        if let by {
            let vector = try by.node.value(frame).vector
            batch.keys = try keys(vector, by)
            batch.keyValidity = vector.validity
        }
        try withinBudget { () throws(MemoryLimitReached) in try picks.add(batch, rows) }
    }

    private func values(
        _ vector: Vector, _ input: AggregateInput
    ) throws(ServiceError) -> PickState.Values {
        let type = input.node.type
        if type == .string { return .strings(try input.loader.strings(vector)) }
        if type.isFloat { return .floats(try input.loader.floats(vector, type: type)) }
        if type.isIntegerBacked, case .integers(let source) = vector.content {
            return .numbers(try input.loader.integers(source, rowCount: vector.rowCount))
        }
        return .wide(try input.loader.wide(vector, isUnsigned: type.isUnsigned64))
    }

    private func keys(
        _ vector: Vector, _ by: AggregateInput
    ) throws(ServiceError) -> PickState.Keys {
        let type = by.node.type
        if type == .string { return .strings(try by.loader.strings(vector)) }
        if type.isFloat || type.isIntegerBacked {
            return .numbers(try by.loader.orderKeys(vector, type: type))
        }
        return .wide(try by.loader.wide(vector, isUnsigned: type.isUnsigned64))
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        if call.type == .string {
            return try buffers.strings(count: count) { picks.string(Int(groups[$0])) }
        }
        if call.type.isFloat {
            return try buffers.floats(count: count) { picks.float(Int(groups[$0])) }
        }
        if call.type.isIntegerBacked {
            return try buffers.integers(count: count) {
                picks.number(Int(groups[$0])).map { Int64(truncatingIfNeeded: $0) }
            }
        }
        return try buffers.wide(count: count) { index throws(ServiceError) in
            picks.number(Int(groups[index]))
        }
    }
}
