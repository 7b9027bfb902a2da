internal import StoaBase
internal import StoaModel

/// One statement from its text to its last batch, as the worker pool sees it.
final class StatementJob: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held, `hasPlace` only under the
    // pool's lock; `phase.run` is what its phase makes safe.
    struct Request: Sendable {
        var text: [UInt8]
        var options: QueryOptions
        var sink: ResultSink
        var record: QueryRecord
    }

    /// What came of a step.
    enum Step {
        case worked, idle, ended
    }

    private let request: Request
    private let database: Database
    private let control: QueryControl
    private let startNanoseconds = HostClock.monotonicNanoseconds()
    private let lock = Lock()
    private var phase: Phase?
    private var isStarted = false
    private var isEnded = false
    private var activeCount = 0
    private var failure: ServiceError?
    private var running: RunningStatement?
    /// The statement, from when it was bound to when it starts. Of the one who does that.
    private var bound: StatementRunner.Bound?
    /// Whether it counts among the queries that run at the same time.
    var hasPlace = false

    init(_ request: Request, database: Database, control: QueryControl) {
        self.request = request
        self.database = database
        self.control = control
    }

    /// Ends the statement with SHUTTING_DOWN, in the middle of a long step too.
    func shutDown() {
        lock.withLock {
            failure = failure ?? ServiceError(.shuttingDown, "The daemon is stopping.")
        }
        control.cancel()
    }

    /// Ends a statement that no worker has and none will get.
    func refuse() { end(ServiceError(.shuttingDown, "The daemon is stopping.")) }

    private func end(_ error: ServiceError) {
        lock.withLock { isEnded = true }
        control.didEnd()
        request.sink.onEnd(.failure(error))
    }

    // MARK: Waiting for a place

    /// Why a query should not wait any longer; nil: it waits on.
    func waitFailure(at now: Int64) -> ServiceError? {
        if let failure = lock.withLock({ failure }) { return failure }
        if control.isCancelRequested {
            return ServiceError(.cancelled, "The query was cancelled while it waited to run.")
        }
        guard let deadline, now > deadline else { return nil }
        return ServiceError(
            .timeout, "The query waited to run for its whole time limit.",
            hint: "Too many queries run at once: try again later, or raise "
                + "max-concurrent-queries.", retryAfterMilliseconds: 1_000)
    }

    /// Ends a query that was taken from those that wait.
    func endWaiting() {
        let now = HostClock.monotonicNanoseconds()
        end(waitFailure(at: now) ?? ServiceError(.timeout, "The query waited for too long."))
    }

    /// A place is free: the next step begins anew, with what the tables are then.
    func resume() {
        lock.withLock {
            isStarted = false
            activeCount = 0
        }
    }

    private var deadline: Int64? {
        let timeout = request.options.timeoutSeconds ?? database.options.queryTimeoutSeconds
        return timeout > 0 && timeout < 1e9 ? startNanoseconds + Int64(timeout * 1e9) : nil
    }

    /// Does one piece of work, if there is one.
    func step(worker: Int) -> Step {
        lock.lock()
        if isEnded {
            lock.unlock()
            return .idle
        }
        if failure == nil, isStarted, let running {
            do { try running.context?.checkInterrupts() } catch { failure = error }
        }
        if failure != nil { return endFailed() }
        if !isStarted {
            isStarted = true
            activeCount = 1
            lock.unlock()
            return start()
        }
        guard let phase else {
            lock.unlock()
            return .idle
        }
        if let limit = request.options.workerCountLimit, activeCount >= max(1, limit) {
            lock.unlock()
            return .idle
        }
        switch phase.claim(worker: worker) {
        case .piece(let piece):
            activeCount += 1
            lock.unlock()
            return run(piece, of: phase, worker: worker)
        case .nothing:
            lock.unlock()
            return .idle
        case .exhausted:
            guard activeCount == 0 else {
                lock.unlock()
                return .idle
            }
            activeCount = 1
            lock.unlock()
            return advance(phase)
        }
    }

    /// Under the lock: ends the job with its failure once nobody works on it.
    private func endFailed() -> Step {
        guard activeCount == 0, let failure else {
            lock.unlock()
            return .idle
        }
        isEnded = true
        phase = nil
        running = nil
        lock.unlock()
        control.didEnd()
        request.sink.onEnd(.failure(failure))
        return .ended
    }

    private var runner: StatementRunner {
        StatementRunner(
            database: database, control: control, options: request.options, sink: request.sink,
            record: request.record, startNanoseconds: startNanoseconds, deadline: deadline)
    }

    /// Answers a statement that reads no block on the caller's thread, which saves two changes of
    /// threads; false when the job is still to be submitted.
    func answersAtOnce() -> Bool {
        guard request.text.count <= Self.immediateTextLimit,
            let bound = try? runner.bind(request.text)
        else { return false }
        self.bound = bound
        guard StatementRunner.readsNothing(bound.statement) else { return false }
        while true {
            switch step(worker: 0) {
            case .worked: continue
            case .idle: return false
            case .ended: return true
            }
        }
    }

    /// Longer statements take a while to parse, which the caller's other clients would feel.
    private static let immediateTextLimit = 1_024

    private func start() -> Step {
        let runner = runner
        do throws(ServiceError) {
            // Short statements were bound before they were submitted.
            let known = self.bound
            self.bound = nil
            let bound: StatementRunner.Bound
            if let known { bound = known } else { bound = try runner.bind(request.text) }
            if StatementRunner.needsPlace(bound.statement) {
                request.record.didQueue()
                switch database.pool.admit(self) {
                case .runs: break
                // From here on the job is the one's who takes it from the queue.
                case .waits: return .worked
                case .refused:
                    throw ServiceError(
                        .overloaded, "Too many queries wait to run.",
                        hint: "Try again later, or raise max-queued-queries.",
                        retryAfterMilliseconds: 1_000)
                }
            }
            guard let running = try runner.start(bound) else {
                // The store ends it with its own callback.
                lock.withLock {
                    isEnded = true
                    activeCount = 0
                }
                return .ended
            }
            lock.withLock {
                self.running = running
                phase = running.phase
                activeCount = 0
            }
            if running.phase.isParallel { database.pool.wake() }
            return .worked
        } catch {
            return fail(error)
        }
    }

    private func run(_ piece: Int, of phase: Phase, worker: Int) -> Step {
        do throws(ServiceError) {
            try phase.run(piece, worker: worker)
        } catch {
            return fail(error)
        }
        lock.withLock {
            activeCount -= 1
            if failure == nil { phase.didRun(piece) }
        }
        if phase.takeRefusal() { database.pool.wake() }
        return .worked
    }

    private func fail(_ error: ServiceError) -> Step {
        let context = lock.withLock { running }?.context
        // Values that were never stored may overflow: then the damage is what to tell.
        var error = error
        do throws(ServiceError) { try context?.checkReads() } catch let damage { error = damage }
        lock.lock()
        activeCount -= 1
        failure = failure ?? error
        return endFailed()
    }

    private func advance(_ phase: Phase) -> Step {
        var next: Phase?
        do throws(ServiceError) {
            next = try phase.finish()
        } catch {
            return fail(error)
        }
        guard let next else { return endSucceeded() }
        lock.withLock {
            self.phase = next
            activeCount = 0
        }
        if next.isParallel { database.pool.wake() }
        return .worked
    }

    private func endSucceeded() -> Step {
        lock.lock()
        isEnded = true
        let running = running
        phase = nil
        self.running = nil
        lock.unlock()
        control.didEnd()
        if let running { request.sink.onEnd(.success(running.summary())) }
        return .ended
    }
}
