internal import StoaBase
internal import StoaModel

/// What running a query took, stage by stage; its lines are the result of EXPLAIN ANALYZE.
final class Analysis: @unchecked Sendable {
    // SAFETY: `stages` is touched only while `lock` is held.
    /// One stage: a phase of the query.
    private struct Stage {
        var name: String
        var startNanoseconds: Int64
        var endNanoseconds: Int64 = 0
        /// Of all workers together.
        var workNanoseconds: Int64 = 0
        var pieceCount = 0
        var rowsBefore = 0
        var bytesBefore = 0
        var rows = 0
        var bytes = 0
    }

    let emitter: ResultEmitter
    private let context: QueryContext
    private let discarded: ResultEmitter
    private let startNanoseconds: Int64
    private let lock = Lock()
    private var stages: [Stage] = []

    init(
        context: QueryContext, discarded: ResultEmitter, emitter: ResultEmitter,
        startNanoseconds: Int64
    ) {
        self.context = context
        self.discarded = discarded
        self.emitter = emitter
        self.startNanoseconds = startNanoseconds
    }

    func beginStage(_ phase: Phase) {
        let name = String(describing: type(of: phase)).replacing("Phase", with: "")
        let summary = read()
        lock.withLock {
            stages.append(
                Stage(
                    name: name, startNanoseconds: HostClock.monotonicNanoseconds(),
                    rowsBefore: summary.rowsScanned, bytesBefore: summary.bytesRead))
        }
    }

    /// A worker has done a piece of the current stage.
    func didWork(nanoseconds: Int64, pieces: Int) {
        lock.withLock {
            stages[stages.count - 1].workNanoseconds += nanoseconds
            stages[stages.count - 1].pieceCount += pieces
        }
    }

    func endStage() {
        let summary = read()
        lock.withLock {
            let last = stages.count - 1
            stages[last].endNanoseconds = HostClock.monotonicNanoseconds()
            stages[last].rows = summary.rowsScanned - stages[last].rowsBefore
            stages[last].bytes = summary.bytesRead - stages[last].bytesBefore
        }
    }

    private func read() -> QuerySummary {
        var summary = QuerySummary()
        context.counters.fill(&summary)
        return summary
    }

    /// The plan, and below it what it took.
    func lines() -> [String] {
        let summary = read()
        let details = context.counters.details
        let ruledOut = context.scan.blocksSkipped
        let elapsed = HostClock.monotonicNanoseconds() - startNanoseconds
        var lines = Explanation.lines(context.plan, context.scan)
        for stage in lock.withLock({ stages }) {
            var line =
                "Stage \(stage.name): "
                + "\(milliseconds(stage.endNanoseconds - stage.startNanoseconds))"
                + " ms, \(milliseconds(stage.workNanoseconds)) ms of work in "
                + "\(stage.pieceCount) pieces"
            if stage.rows > 0 { line += ", \(stage.rows) rows and \(stage.bytes) bytes read" }
            lines.append(line)
        }
        let encodings = details.encodings.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        lines += [
            "Read: \(summary.rowsScanned) rows in \(summary.blocksScanned) blocks, "
                + "\(summary.bytesRead) bytes",
            "Not read: \(ruledOut) blocks ruled out by statistics, "
                + "\(summary.blocksSkipped - ruledOut) answered from statistics",
            "Encodings: "
                + encodings.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
            "Memory: \(context.budget.peakByteCount) bytes at most, "
                + "\(details.spilledBytes) bytes spilled",
            "Total: \(discarded.rowCount) rows in \(milliseconds(elapsed)) ms, "
                + "\(context.workerCount) workers",
        ]
        return lines
    }

    /// With three digits behind the point.
    private func milliseconds(_ nanoseconds: Int64) -> String {
        let micro = max(0, nanoseconds) / 1_000
        let rest = "\(micro % 1_000)"
        return "\(micro / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}

/// A phase whose work is timed; after the last one come the lines.
final class AnalyzedPhase: Phase {
    private let inner: Phase
    private let analysis: Analysis

    init(_ inner: Phase, _ analysis: Analysis) {
        self.inner = inner
        self.analysis = analysis
        super.init()
        analysis.beginStage(inner)
    }

    override var isParallel: Bool { inner.isParallel }

    override func claim(worker: Int) -> Claim { inner.claim(worker: worker) }

    override func run(_ piece: Int, worker: Int) throws(ServiceError) {
        let start = HostClock.monotonicNanoseconds()
        try inner.run(piece, worker: worker)
        analysis.didWork(nanoseconds: HostClock.monotonicNanoseconds() - start, pieces: 1)
    }

    override func didRun(_ piece: Int) { inner.didRun(piece) }

    override func takeRefusal() -> Bool { inner.takeRefusal() }

    override func finish() throws(ServiceError) -> Phase? {
        let start = HostClock.monotonicNanoseconds()
        let next = try inner.finish()
        analysis.didWork(nanoseconds: HostClock.monotonicNanoseconds() - start, pieces: 0)
        analysis.endStage()
        if let next { return AnalyzedPhase(next, analysis) }
        let column = Explanation.column(analysis.lines())
        let batch = (bytes: RowBatch.encode(column), rowCount: column[0].rowCount)
        return KnownResultPhase(batch, analysis.emitter)
    }
}
