internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// An aggregate of floats whose answer another one has: beside a variance of the same argument,
/// counts, sums, averages and further variances cost nothing.
final class FollowingRunner: AggregateRunner {
    private let leader: FloatMomentRunner

    init(_ call: AggregateCall, leader: FloatMomentRunner, budget: MemoryBudget) {
        self.leader = leader
        super.init(call, state: NoState(budget: budget))
    }

    /// The position of the aggregate that `index` can follow, which may be itself; nil: none.
    static func leader(_ calls: [AggregateCall], of index: Int) -> Int? {
        let call = calls[index]
        guard let argument = call.argument, argument.type.isFloat, call.filter == nil,
            !call.isDistinct, call.function == .count || call.function.isMoment
        else { return nil }
        return calls.firstIndex {
            $0.function.isSpread && $0.argument == argument && $0.filter == nil
        }
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {}
    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {}

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        try leader.results(call.function, groups, count: count, into: buffers)
    }
}

extension AggregateCall.Function {
    /// Whether it is a variance or a deviation.
    var isSpread: Bool {
        switch self {
        case .varPop, .varSamp, .stddevPop, .stddevSamp: true
        default: false
        }
    }

    /// Whether it can be told from sums of values and of squares.
    var isMoment: Bool { isSpread || self == .sum || self == .avg }
}
