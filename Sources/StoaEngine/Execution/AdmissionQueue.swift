/// The queries that may run, and those that wait for it, for a place or for memory that others
/// hold. Places go first to those whose clients have fewest running, then in the order of arrival.
/// Used under the pool's lock.
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
    private var turns = ClientTurns()
    /// Places beyond the others, for short queries of clients that have none running: they need not
    /// wait for the end of long ones.
    private var shortPlaceCount: Int { runningLimit / 2 }

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
        if mayBegin(job), waiting.isEmpty || runningCount >= runningLimit {
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

    /// Whether there is a place for this one.
    private func mayBegin(_ job: StatementJob) -> Bool {
        let isFirst = job.clientID != nil && turns.runningCount(ofClientOf: job) == 0
        return runningCount < runningLimit + (isFirst && job.isShort ? shortPlaceCount : 0)
    }

    private mutating func begin(_ job: StatementJob) {
        runningCount += 1
        turns.begin(job)
        job.hasPlace = true
    }

    /// A query has ended; those that may run now.
    mutating func leave(_ job: StatementJob) -> [StatementJob] {
        guard job.hasPlace else { return [] }
        job.hasPlace = false
        runningCount -= 1
        turns.end(job)
        var next: [StatementJob] = []
        while !waiting.isEmpty {
            let isFull = runningCount >= runningLimit
            let short = isFull ? waiting.firstIndex { mayBegin($0) } : nil
            guard let index = isFull ? short : turns.next(of: waiting) else { break }
            let chosen = waiting.remove(at: index)
            begin(chosen)
            next.append(chosen)
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
