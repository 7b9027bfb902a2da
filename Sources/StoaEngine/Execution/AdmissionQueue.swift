/// The queries that may run, and those that wait for it: first those whose clients have fewest
/// running, then in the order they came. Used under the pool's lock.
struct AdmissionQueue {
    /// What becomes of a query that asks to run.
    enum Answer {
        case runs, waits
        /// There are too many waiting already.
        case refused
    }

    let runningLimit: Int
    let waitingLimit: Int
    private(set) var runningCount = 0
    private(set) var waiting: [StatementJob] = []
    private(set) var refusedCount = 0
    private var turns = ClientTurns()
    /// Places that only clients have who have none, so that they need not wait for others' ends.
    private var firstPlaceCount: Int { runningLimit / 4 }

    init(runningLimit: Int, waitingLimit: Int) {
        self.runningLimit = runningLimit
        self.waitingLimit = waitingLimit
    }

    /// A query that asks to run.
    mutating func ask(_ job: StatementJob) -> Answer {
        if job.hasPlace { return .runs }
        let isFirst = job.clientID != nil && turns.runningCount(ofClientOf: job) == 0
        if runningCount < runningLimit && waiting.isEmpty
            || isFirst && runningCount < runningLimit + firstPlaceCount
        {
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
        while runningCount < runningLimit, !waiting.isEmpty {
            let first = waiting.remove(at: turns.next(of: waiting))
            begin(first)
            next.append(first)
        }
        return next
    }

    /// Takes out those that will not wait any longer.
    mutating func take(where isOver: (StatementJob) -> Bool) -> [StatementJob] {
        let over = waiting.filter(isOver)
        if !over.isEmpty { waiting.removeAll { job in over.contains { $0 === job } } }
        return over
    }
}
