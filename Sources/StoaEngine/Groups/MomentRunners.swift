internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

extension AggregateCall.Function {
    /// The moment that a variance or deviation asks for.
    var moment: FloatMomentState.Moment {
        switch self {
        case .varPop: .populationVariance
        case .varSamp: .sampleVariance
        case .stddevPop: .populationDeviation
        case .stddevSamp: .sampleDeviation
        case .avg: .average
        default: .sum
        }
    }
}

/// Variances and deviations of floats: exact, rounded once.
final class FloatMomentRunner: FloatRunner {
    private let moments: FloatMomentState

    init(
        _ call: AggregateCall, input: AggregateInput?, choice: FloatGridChoice,
        budget: MemoryBudget
    ) {
        moments = FloatMomentState(choice: choice, budget: budget)
        super.init(call, input: input, floats: moments)
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        try results(call.function, groups, count: count, into: buffers)
    }

    /// The results of any function that the moments answer.
    func results(
        _ function: AggregateCall.Function, _ groups: UnsafePointer<UInt32>, count: Int,
        into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        if function == .count {
            return try buffers.integers(count: count) { moments.count(Int(groups[$0])) }
        }
        let moment = function.moment
        return try buffers.floats(count: count) { moments.value(moment, of: Int(groups[$0])) }
    }
}

/// Variances and deviations of integers and decimals: exact, rounded once.
final class IntegerMomentRunner: AggregateRunner {
    private let moments: IntegerMomentState
    private let input: AggregateInput?
    private let groupZero = ZeroGroups()

    init(_ call: AggregateCall, input: AggregateInput?, budget: MemoryBudget) {
        let isWide = call.argument.map { !$0.type.isIntegerBacked } ?? false
        moments = IntegerMomentState(isWide: isWide, budget: budget)
        self.input = input
        super.init(call, state: moments)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        try add(frame, groupZero.rows(frame))
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let vector = try input.node.value(frame).vector
        if case .wide(let numbers) = vector.content {
            return moments.add(wide: numbers, validity: vector.validity, rows: rows)
        }
        guard case .integers(let source) = vector.content else { return }
        moments.add(
            try input.loader.integers(source, rowCount: frame.rowCount),
            isUnsigned: input.node.type.isUnsigned64, validity: vector.validity, rows: rows)
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        let moment = call.function.moment
        let scale = Int(call.argument?.type.scale ?? 0)
        return try buffers.floats(count: count) {
            moments.value(moment, of: Int(groups[$0]), scale: scale)
        }
    }
}
