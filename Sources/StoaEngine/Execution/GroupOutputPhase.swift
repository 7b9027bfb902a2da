internal import StoaBase
internal import StoaModel

/// Turns finished groups into rows, in the order of their keys where nothing else is asked for:
/// slots stand in that order, other groups go through a sorter.
final class GroupOutputPhase: Phase {
    private let context: QueryContext
    private let states: GroupStates
    private let emitter: ResultEmitter
    private let collector: GroupCollector
    private var position = 0
    private var isBusy = false

    init(
        _ context: QueryContext, _ aggregation: Aggregation, _ states: GroupStates,
        emitter: ResultEmitter
    ) throws(ServiceError) {
        self.context = context
        self.states = states
        self.emitter = emitter
        collector = try GroupCollector(context, aggregation)
    }

    private var isDone: Bool { position >= states.count || emitter.isFull }

    override func claim(worker: Int) -> Claim {
        // Whoever is busy with the groups changes what `isDone` reads.
        if isBusy { return .nothing }
        if isDone { return .exhausted }
        if collector.sorter == nil, !context.control.hasCredit { return .nothing }
        isBusy = true
        return .piece(0)
    }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        for _ in 0..<16 where !isDone {
            try context.checkInterrupts()
            try collector.addBatch(of: states, from: &position)
            guard collector.sorter == nil else { continue }
            try context.checkReads()
            for batch in collector.takeFinished(isLast: false) { emitter.emit(batch) }
            if !context.control.hasCredit { break }
        }
    }

    override func didRun(_ piece: Int) { isBusy = false }

    override func finish() throws(ServiceError) -> Phase? {
        if let sorter = collector.sorter, let sorting = collector.sorting {
            return try SortedOutputPhase(context, sorting, [sorter], emitter)
        }
        try context.checkReads()
        for batch in collector.takeFinished(isLast: true) { emitter.emit(batch) }
        emitter.finish()
        return nil
    }
}
