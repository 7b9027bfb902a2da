internal import StoaBase
internal import StoaModel
internal import StoaStorage

/// A statement whose phases are under way.
final class RunningStatement: @unchecked Sendable {
    // SAFETY: immutable after init; the emitter is used as it says.
    let phase: Phase
    /// Nil for statements that scan nothing.
    let context: QueryContext?
    private let emitter: ResultEmitter
    private let generation: UInt64
    private let startNanoseconds: Int64
    /// The memory of the constants of its plan.
    private let constants: MemoryShare?

    init(
        phase: Phase, context: QueryContext?, emitter: ResultEmitter, generation: UInt64,
        startNanoseconds: Int64, constants: MemoryShare? = nil
    ) {
        self.phase = phase
        self.context = context
        self.emitter = emitter
        self.generation = generation
        self.startNanoseconds = startNanoseconds
        self.constants = constants
    }

    convenience init(
        phase: Phase, context: QueryContext, emitter: ResultEmitter,
        bound: StatementRunner.Bound, startNanoseconds: Int64
    ) {
        self.init(
            phase: phase, context: context, emitter: emitter,
            generation: bound.snapshot.generation, startNanoseconds: startNanoseconds,
            constants: bound.constants)
    }

    /// What it probably needs, when it failed for want of memory that others hold, so that it is
    /// to begin anew when they have given it back; nil when waiting would not help, or rows were
    /// sent already.
    func byteCountToWaitFor(_ failure: ServiceError, _ all: MemoryBudget) -> Int? {
        guard failure.code == .memoryLimit, !emitter.hasSent, let budget = context?.budget,
            budget.wasRefusedAbove
        else { return nil }
        let others = all.reservedByteCount - budget.reservedByteCount
        guard others > all.byteCountLimit / Self.leastShare else { return nil }
        return min(2 * budget.peakByteCount, all.byteCountLimit * 3 / 4)
    }

    /// Others that hold less than this part of the memory are not worth to be waited for.
    private static let leastShare = 16

    /// What the end of the result says.
    func summary() -> QuerySummary {
        var summary = QuerySummary()
        context?.counters.fill(&summary)
        summary.rowCount = emitter.rowCount
        summary.generation = generation
        summary.elapsedNanoseconds = HostClock.monotonicNanoseconds() - startNanoseconds
        return summary
    }
}
