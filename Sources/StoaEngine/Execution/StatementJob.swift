internal import StoaBase
internal import StoaModel

/// One statement from its text to its last batch, as the worker pool sees it.
final class StatementJob: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held; `phase.run` is what its
    // phase makes safe.
    struct Request: Sendable {
        var text: [UInt8]
        var options: QueryOptions
        var sink: ResultSink
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

    init(_ request: Request, database: Database, control: QueryControl) {
        self.request = request
        self.database = database
        self.control = control
    }

    /// Ends the statement with SHUTTING_DOWN at its next step.
    func shutDown() {
        lock.withLock {
            failure = failure ?? ServiceError(.shuttingDown, "The daemon is stopping.")
        }
    }

    /// Ends a statement that was never given to a worker.
    func refuse() {
        control.didEnd()
        request.sink.onEnd(.failure(ServiceError(.shuttingDown, "The daemon is stopping.")))
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

    private func start() -> Step {
        let runner = StatementRunner(
            database: database, control: control, options: request.options, sink: request.sink,
            startNanoseconds: startNanoseconds)
        do throws(ServiceError) {
            guard let running = try runner.start(request.text) else {
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
