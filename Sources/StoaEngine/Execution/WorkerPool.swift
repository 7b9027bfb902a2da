internal import StoaBase

/// The threads that run queries. Each takes one step of one job after another, going round the
/// running jobs, so that a short query waits for a morsel of a long one and never for its end.
final class WorkerPool: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held.
    let workerCount: Int
    private let lock = Lock()
    private let hasWork: Condition
    private var jobs: [StatementJob] = []
    /// Counts the calls that may have given a sleeping worker something to do.
    private var wakeCount: UInt64 = 0
    private var isClosed = false
    private var threads: [Thread] = []
    /// How often jobs that wait for credit are asked whether they have run out of time.
    private static let idleNanoseconds: Int64 = 50_000_000

    init(workerCount: Int) {
        self.workerCount = workerCount
        hasWork = Condition(guardedBy: lock)
        threads = (0..<workerCount).map { worker in
            Thread(name: "stoa-query-\(worker)") { [self] in run(worker) }
        }
    }

    /// Adds a job; false after `close`.
    func submit(_ job: StatementJob) -> Bool {
        lock.withLock {
            guard !isClosed else { return false }
            jobs.append(job)
            wakeCount &+= 1
            hasWork.signal()
            return true
        }
    }

    /// Lets sleeping workers look again.
    func wake() {
        lock.withLock {
            wakeCount &+= 1
            hasWork.broadcast()
        }
    }

    /// Takes no more jobs, ends the running ones and waits for the threads.
    func close() {
        let running = lock.withLock { () -> [StatementJob] in
            isClosed = true
            return jobs
        }
        for job in running { job.shutDown() }
        wake()
        let joined = lock.withLock { () -> [Thread] in
            defer { threads = [] }
            return threads
        }
        for thread in joined { thread.join() }
    }

    private func run(_ worker: Int) {
        var turn = worker
        while true {
            lock.lock()
            if isClosed, jobs.isEmpty { return lock.unlock() }
            let seen = wakeCount
            let jobs = jobs
            lock.unlock()
            if step(jobs, worker, &turn) { continue }
            lock.lock()
            while wakeCount == seen {
                if self.jobs.isEmpty {
                    if isClosed { break }
                    hasWork.wait()
                } else if !hasWork.wait(nanoseconds: Self.idleNanoseconds) {
                    break
                }
            }
            lock.unlock()
        }
    }

    /// One step of the first job that has one; false when none has.
    private func step(_ jobs: [StatementJob], _ worker: Int, _ turn: inout Int) -> Bool {
        for offset in jobs.indices {
            let index = (turn &+ offset) % jobs.count
            switch jobs[index].step(worker: worker) {
            case .worked:
                turn = (index + 1) % jobs.count
                return true
            case .idle: continue
            case .ended:
                remove(jobs[index])
                return true
            }
        }
        return false
    }

    private func remove(_ job: StatementJob) {
        lock.withLock {
            jobs.removeAll { $0 === job }
            wakeCount &+= 1
            if isClosed { hasWork.broadcast() }
        }
    }
}
