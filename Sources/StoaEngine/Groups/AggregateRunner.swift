internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// One aggregate of one worker: evaluates the argument and feeds the state.
class AggregateRunner {
    let call: AggregateCall
    let state: AggregateState

    init(_ call: AggregateCall, state: AggregateState) {
        self.call = call
        self.state = state
    }

    /// Adds the frame's selected rows to group 0.
    func addAll(_ frame: Frame) throws(ServiceError) {
        throw ServiceError(.notSupported, "\(call.function.name) is not supported.")
    }

    /// Adds rows to their groups.
    func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        throw ServiceError(.notSupported, "\(call.function.name) is not supported.")
    }

    /// Whether the groups' rows must be counted for `share`.
    var needsRowCounts: Bool { false }

    /// Offers the groups' rows, which the caller keeps for all aggregates; before the first row.
    func share(_ tally: GroupTally) {}

    /// Adds a whole block to group 0 from its statistics; false when they do not say enough.
    func addBlock(
        _ statistics: BlockStatistics?, rowCount: Int
    ) throws(ServiceError) -> Bool { false }

    /// Adds all rows of the block that `input` has begun to group 0, past its frames; false when
    /// that cannot be.
    func addColumns(_ input: ScanInput, rowCount: Int) throws(ServiceError) -> Bool { false }

    /// The results of groups, as a vector of the call's type.
    func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        throw ServiceError(.notSupported, "\(call.function.name) is not supported.")
    }

    /// The runners of all aggregates, which are `calls` over what `compiler` reads. Results need
    /// no argument: `compiler` is nil for them.
    static func makeAll(
        _ aggregation: Aggregation, calls: [AggregateCall], compiler: ExpressionCompiler?,
        budget: MemoryBudget
    ) throws(ServiceError) -> [AggregateRunner] {
        var leaders: [Int: FloatMomentRunner] = [:]
        var runners: [AggregateRunner] = []
        for index in calls.indices {
            if let position = IntegerSumRunner.leader(calls, of: index),
                let leader = runners[position] as? IntegerSumRunner
            {
                runners.append(
                    IntegerSumRunner(calls[index], following: leader, budget: budget))
                continue
            }
            guard let position = FollowingRunner.leader(calls, of: index) else {
                runners.append(
                    try make(
                        calls[index], aggregation, at: index, compiler: compiler,
                        budget: budget))
                continue
            }
            // The one that is met first leads, whatever it is called.
            if let leader = leaders[position] {
                runners.append(FollowingRunner(calls[index], leader: leader, budget: budget))
            } else if let argument = calls[index].argument {
                let leader = FloatMomentRunner(
                    calls[index], input: try AggregateInput(argument, compiler),
                    choice: aggregation.floatGrids[position], budget: budget)
                leaders[position] = leader
                runners.append(leader)
            }
        }
        return runners
    }

    private static func make(
        _ call: AggregateCall, _ aggregation: Aggregation, at index: Int,
        compiler: ExpressionCompiler?, budget: MemoryBudget
    ) throws(ServiceError) -> AggregateRunner {
        let runner = try makeUnfiltered(
            call, aggregation, at: index, compiler: compiler, budget: budget)
        guard let filter = runner.call.filter else { return runner }
        return try FilteredRunner(runner, filter: filter, compiler: compiler)
    }

    private static func makeUnfiltered(
        _ call: AggregateCall, _ aggregation: Aggregation, at index: Int,
        compiler: ExpressionCompiler?, budget: MemoryBudget
    ) throws(ServiceError) -> AggregateRunner {
        guard let argument = call.argument else {
            return CountRunner(call, input: nil, budget: budget)
        }
        let input = try AggregateInput(argument, compiler)
        let type = argument.type
        if call.isDistinct {
            return DistinctRunner(
                call, input: input, intern: aggregation.intern, budget: budget)
        }
        let choice = aggregation.floatGrids[index]
        switch call.function {
        case .countAll: return CountRunner(call, input: nil, budget: budget)
        case .count: return CountRunner(call, input: input, budget: budget)
        case .sum, .avg:
            return type.isFloat
                ? FloatSumRunner(call, input: input, choice: choice, budget: budget)
                : IntegerSumRunner(call, input: input, budget: budget)
        case .min, .max:
            if type == .string { return StringExtremeRunner(call, input: input, budget: budget) }
            return type.isIntegerBacked || type.isFloat
                ? ExtremeRunner(call, input: input, budget: budget)
                : WideExtremeRunner(call, input: input, budget: budget)
        case .varPop, .varSamp, .stddevPop, .stddevSamp:
            return type.isFloat
                ? FloatMomentRunner(call, input: input, choice: choice, budget: budget)
                : IntegerMomentRunner(call, input: input, budget: budget)
        case .first, .last, .anyValue, .argMin, .argMax:
            let by = try call.by.flatMap { by throws(ServiceError) in
                try AggregateInput(by, compiler)
            }
            return PickRunner(call, input: input, by: by, budget: budget)
        }
    }
}

/// The argument of an aggregate with what it takes to load it.
struct AggregateInput {
    let node: ExpressionNode
    let loader: NumberLoader
    private let mask: UnsafeMutablePointer<UInt64>

    /// Nil without a compiler.
    init?(
        _ expression: BoundExpression, _ compiler: ExpressionCompiler?
    ) throws(ServiceError) {
        guard let compiler else { return nil }
        let scratch = compiler.scratch
        node = try compiler.compile(expression)
        mask = try scratch.takeMask()
        loader = NumberLoader(scratch: scratch)
    }

    /// The rows that are selected and not null.
    func mask(_ frame: Frame, _ vector: Vector) -> UnsafePointer<UInt64> {
        guard let validity = vector.validity else { return frame.selection }
        MaskWords.copy(frame.selection, rowCount: frame.rowCount, into: mask)
        MaskWords.and(mask, validity, rowCount: frame.rowCount)
        return UnsafePointer(mask)
    }
}
