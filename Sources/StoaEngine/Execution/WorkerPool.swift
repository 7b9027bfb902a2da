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
    private var admission: AdmissionQueue
    /// When those that wait were last asked whether they still do.
    private var lastLook: Int64 = 0
    private var threads: [Thread] = []
    /// How often jobs that wait for credit are asked whether they have run out of time.
    private static let idleNanoseconds: Int64 = 50_000_000
    /// How often waiting queries are asked whether they were cancelled or have run out of time.
    private static let lookNanoseconds: Int64 = 10_000_000

    init(workerCount: Int, admission: AdmissionQueue) {
        self.workerCount = workerCount
        self.admission = admission
        hasWork = Condition(guardedBy: lock)
        threads = (0..<workerCount).map { worker in
            Thread(name: "stoa-query-\(worker)") { [self] in run(worker) }
        }
    }

    /// Whether jobs are taken.
    var isOpen: Bool { lock.withLock { !isClosed } }

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

    /// Whether a query may run now. One that waits is no longer among the jobs until its turn.
    func admit(_ job: StatementJob) -> AdmissionQueue.Answer {
        lock.withLock {
            // Its next step ends it: who waits now would wait for ever.
            if isClosed { return .runs }
            let answer = admission.ask(job)
            if answer == .waits { jobs.removeAll { $0 === job } }
            return answer
        }
    }

    /// Queries that have a place, that wait for one, and that were refused since the start.
    var counts: (running: Int, waiting: Int, refused: Int) {
        lock.withLock {
            (admission.runningCount, admission.waiting.count, admission.refusedCount)
        }
    }

    /// Under the lock: the waiting queries that are over, when it is time to look.
    private func takeOver() -> [StatementJob] {
        guard !admission.waiting.isEmpty else { return [] }
        let now = HostClock.monotonicNanoseconds()
        guard now - lastLook >= Self.lookNanoseconds else { return [] }
        lastLook = now
        return admission.take { $0.waitFailure(at: now) != nil }
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
        let (running, waiting) = lock.withLock { () -> ([StatementJob], [StatementJob]) in
            isClosed = true
            return (jobs, admission.take { _ in true })
        }
        for job in waiting { job.refuse() }
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
            let over = takeOver()
            lock.unlock()
            for job in over { job.endWaiting() }
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
            for next in admission.leave(job) {
                next.resume()
                jobs.append(next)
                hasWork.signal()
            }
            if isClosed { hasWork.broadcast() }
        }
    }
}
