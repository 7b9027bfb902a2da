internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Feeds an exact sum of floats, with squares or without.
class FloatRunner: AggregateRunner {
    private let floats: FloatState
    private let input: AggregateInput?

    init(_ call: AggregateCall, input: AggregateInput?, floats: FloatState) {
        self.floats = floats
        self.input = input
        super.init(call, state: floats)
    }

    override final func addAll(_ frame: Frame) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        let numbers = try input.loader.floats(vector, type: input.node.type)
        let mask = input.mask(frame, vector)
        try withinBudget { () throws(MemoryLimitReached) in
            try floats.add(numbers, mask: mask, rowCount: frame.rowCount, to: 0)
        }
    }

    override final func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        let numbers = try input.loader.floats(vector, type: input.node.type)
        try withinBudget { () throws(MemoryLimitReached) in
            try floats.add(numbers, validity: vector.validity, rows: rows)
        }
    }
}
