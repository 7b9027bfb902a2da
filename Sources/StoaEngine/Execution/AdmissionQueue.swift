/// The queries that may run, and those that wait for it in the order they came: for a place, or
/// for memory that others hold. Used under the pool's lock.
struct AdmissionQueue {
    /// What becomes of a query that asks to run.
    enum Answer {
        case runs, waits
        /// There are too many waiting already.
        case refused
    }

    /// A query that found no memory and begins anew when there is some.
    private struct Hungry {
        let job: StatementJob
        /// Bytes that it probably needs.
        let byteCount: Int
    }

    let runningLimit: Int
    let waitingLimit: Int
    private(set) var runningCount = 0
    private(set) var waiting: [StatementJob] = []
    private var hungry: [Hungry] = []
    private(set) var refusedCount = 0

    init(runningLimit: Int, waitingLimit: Int) {
        self.runningLimit = runningLimit
        self.waitingLimit = waitingLimit
    }

    /// Whether nobody waits.
    var isEmpty: Bool { waiting.isEmpty && hungry.isEmpty }

    /// Queries that wait for memory.
    var hungryCount: Int { hungry.count }

    /// A query that asks to run.
    mutating func ask(_ job: StatementJob) -> Answer {
        if job.hasPlace { return .runs }
        if runningCount < runningLimit, waiting.isEmpty {
            begin(job)
            return .runs
        }
        guard waiting.count < waitingLimit else {
            refusedCount += 1
            return .refused
        }
        waiting.append(job)
        return .waits
    }

    private mutating func begin(_ job: StatementJob) {
        runningCount += 1
        job.hasPlace = true
    }

    /// A query has ended; those that may run now.
    mutating func leave(_ job: StatementJob) -> [StatementJob] {
        guard job.hasPlace else { return [] }
        job.hasPlace = false
        runningCount -= 1
        var next: [StatementJob] = []
        while runningCount < runningLimit, !waiting.isEmpty {
            let first = waiting.removeFirst()
            begin(first)
            next.append(first)
        }
        return next
    }

    /// A query gives up its place until there is memory for it; those that may run now.
    mutating func waitForMemory(_ job: StatementJob, byteCount: Int) -> [StatementJob] {
        hungry.append(Hungry(job: job, byteCount: byteCount))
        return leave(job)
    }

    /// The first query that waits for memory, if there is probably enough for it or nobody else
    /// runs. One at a time: what it needs is not taken yet when it begins.
    mutating func feed(_ hasRoom: (_ byteCount: Int) -> Bool) -> StatementJob? {
        guard let first = hungry.first, runningCount < runningLimit,
            runningCount == 0 || hasRoom(first.byteCount)
        else { return nil }
        hungry.removeFirst()
        begin(first.job)
        return first.job
    }

    /// Takes out those that will not wait any longer.
    mutating func take(where isOver: (StatementJob) -> Bool) -> [StatementJob] {
        let over = waiting.filter(isOver) + hungry.map(\.job).filter(isOver)
        guard !over.isEmpty else { return [] }
        waiting.removeAll { job in over.contains { $0 === job } }
        hungry.removeAll { entry in over.contains { $0 === entry.job } }
        return over
    }
}
