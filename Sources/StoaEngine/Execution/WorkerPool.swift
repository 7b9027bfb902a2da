internal import StoaBase

/// The threads that run queries. Each takes one step of one job after another: of the one that
/// has had the least time so far, so that a short query waits for a piece of a long one and never
/// for its end. Where all threads are inside of long pieces, spare ones help out (`Spares`).
final class WorkerPool: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held.
    let workerCount: Int
    let lock = Lock()
    private let hasWork: Condition
    /// Wakes the watch from its sleep.
    let hasQueries: Condition
    var jobs: [StatementJob] = []
    /// Statements that the store is about to answer.
    var answers: [StoreAnswer] = []
    /// Counts the calls that may have given a sleeping worker something to do.
    private(set) var wakeCount: UInt64 = 0
    var isClosed = false
    var admission: AdmissionQueue
    /// Whether the watch looks every few milliseconds, and needs no signal.
    var isWatching = false
    let spares: Spares
    private var threads: [Thread] = []
    /// What queries draw on.
    let memory: MemoryBudget
    /// Gives back what was kept for queries, when there were none for a while.
    let didRest: @Sendable () -> Void
    /// How often jobs that have nothing to do are asked again.
    private static let idleNanoseconds: Int64 = 50_000_000
    /// One pick of so many takes the job that has waited longest.
    private static let picksPerTurn: UInt = 4
    /// How far ahead of others a new job begins, in nanoseconds of work.
    private static let headStart: Int64 = 200_000_000

    /// - Parameters:
    ///   - memory: What queries draw on.
    ///   - didRest: Called when there was no query for a while, on a thread of the pool.
    init(
        workerCount: Int, admission: AdmissionQueue, memory: MemoryBudget,
        didRest: @escaping @Sendable () -> Void
    ) {
        self.workerCount = workerCount
        self.admission = admission
        self.memory = memory
        self.didRest = didRest
        hasWork = Condition(guardedBy: lock)
        hasQueries = Condition(guardedBy: lock)
        spares = Spares(
            lock, workerCount: workerCount,
            countLimit: admission.runningLimit + 2 * workerCount)
        threads = (0..<workerCount).map { worker in
            Thread(name: "stoa-query-\(worker)") { [self] in run(worker) }
        }
        threads.append(Thread(name: "stoa-watch") { [self] in watch() })
    }

    /// Whether jobs are taken.
    var isOpen: Bool { lock.withLock { !isClosed } }

    /// Adds a job; false after `close`.
    func submit(_ job: StatementJob) -> Bool {
        lock.withLock {
            guard !isClosed else { return false }
            add(job)
            return true
        }
    }

    /// Under the lock.
    private func add(_ job: StatementJob) {
        if let least = jobs.lazy.map(\.usedNanoseconds).min() {
            job.beginTurns(at: max(0, least - Self.headStart))
        } else {
            job.beginTurns(at: 0)
        }
        jobs.append(job)
        wakeCount &+= 1
        hasWork.signal()
        startWatch()
    }

    /// Under the lock: somebody has to look at the clock from now on.
    private func startWatch() { if !isWatching { hasQueries.signal() } }

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

    /// Lets a query that found no memory wait until others have given back `byteCount` bytes; it
    /// is no longer among the jobs until then. False after `close`.
    func waitForMemory(_ job: StatementJob, byteCount: Int) -> Bool {
        lock.withLock {
            guard !isClosed else { return false }
            jobs.removeAll { $0 === job }
            for next in admission.waitForMemory(job, byteCount: byteCount) { resume(next) }
            return true
        }
    }

    /// Under the lock: a query that waited has its turn.
    func resume(_ job: StatementJob) {
        job.resume()
        add(job)
    }

    /// Adds a statement that the store is going to answer.
    func watch(_ answer: StoreAnswer) {
        lock.withLock {
            answers.append(answer)
            startWatch()
        }
    }

    /// The store has answered.
    func forget(_ answer: StoreAnswer) {
        lock.withLock { answers.removeAll { $0 === answer } }
    }

    /// Whether a query waits for a place or for memory.
    var hasWaiting: Bool { lock.withLock { !admission.isEmpty } }

    /// Queries that have a place, that wait for one or for memory, and that were refused since the
    /// start.
    var counts: (running: Int, waiting: Int, hungry: Int, refused: Int) {
        lock.withLock {
            (
                admission.runningCount, admission.waiting.count, admission.hungryCount,
                admission.refusedCount
            )
        }
    }

    /// Lets sleeping workers look again.
    func wake() {
        lock.withLock {
            wakeCount &+= 1
            hasWork.broadcast()
            spares.letGoOn()
        }
    }

    /// Takes no more jobs, ends the running ones and waits for the threads.
    func close() {
        let (running, waiting) = lock.withLock { () -> ([StatementJob], [StatementJob]) in
            isClosed = true
            hasQueries.signal()
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
        // With the watch gone nobody starts further spares.
        let helpers = lock.withLock { spares.end() }
        for thread in helpers { thread.join() }
    }

    private func run(_ worker: Int) {
        var picks = UInt(worker)
        while true {
            lock.lock()
            if isClosed, jobs.isEmpty { return lock.unlock() }
            let seen = wakeCount
            let jobs = jobs
            spares.beginStep(worker)
            lock.unlock()
            if step(jobs, &picks, wakeCount: seen) { continue }
            lock.lock()
            spares.endStep(worker)
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
    func step(
        _ jobs: [StatementJob], _ picks: inout UInt, wakeCount: UInt64
    ) -> Bool {
        if jobs.count == 1 { return step(jobs[0], wakeCount) }
        picks &+= 1
        let isTurn = picks % Self.picksPerTurn == 0
        let ranked = jobs.map { (isTurn ? $0.servedNanoseconds : $0.usedNanoseconds, $0) }
            .sorted { $0.0 < $1.0 }
        for (_, job) in ranked where step(job, wakeCount) { return true }
        return false
    }

    private func step(_ job: StatementJob, _ wakeCount: UInt64) -> Bool {
        switch job.step() {
        case .worked: return true
        case .idle:
            job.didRest(at: wakeCount)
            return false
        case .ended:
            remove(job)
            return true
        }
    }

    func remove(_ job: StatementJob) {
        lock.withLock {
            jobs.removeAll { $0 === job }
            wakeCount &+= 1
            for next in admission.leave(job) { resume(next) }
            feed()
            if isClosed {
                hasWork.broadcast()
                hasQueries.signal()
            }
        }
    }

    /// Under the lock: lets a query begin that waits for memory, if there is some.
    func feed() {
        guard admission.hungryCount > 0, !isClosed else { return }
        if let job = admission.feed({ memory.hasRoom(for: $0) }) { resume(job) }
    }
}
