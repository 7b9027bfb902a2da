internal import StoaBase
internal import StoaModel
internal import Synchronization

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
    let control: QueryControl
    private let startNanoseconds = HostClock.monotonicNanoseconds()
    private let lock = Lock()
    private var phase: Phase?
    private var isStarted = false
    private var isEnded = false
    private var lanes: WorkLanes
    private var failure: ServiceError?
    private var running: RunningStatement?
    /// The statement, from when it was bound to when it starts. Of the one who does that.
    private var bound: StatementRunner.Bound?
    /// Whether it waits for memory that others hold.
    private var isHungry = false
    /// Whether it counts among the queries that run at the same time.
    var hasPlace = false
    /// Whether it reads a block of rows at most. Known before it asks for a place.
    private(set) var isShort = false
    // For the pool's choice whose turn it is; approximate, so they need no lock.
    private let used = Atomic<Int64>(0)
    private let served = Atomic<Int64>(0)
    private let restedAt = Atomic<UInt64>(.max)

    /// Whose statement it is; nil where nobody is told apart.
    var clientID: ObjectIdentifier? { request.options.session.map { ObjectIdentifier($0) } }

    init(_ request: Request, database: Database, control: QueryControl) {
        self.request = request
        self.database = database
        self.control = control
        let limit = request.options.workerCountLimit.map { max(1, $0) } ?? .max
        lanes = WorkLanes(count: min(limit, database.pool.workerCount))
    }

    /// Ends the statement with SHUTTING_DOWN, in the middle of a long step too.
    func shutDown() { control.stop(Self.shuttingDown) }

    /// Ends a statement that no worker has and none will get.
    func refuse() { end(Self.shuttingDown) }

    private static let shuttingDown = ServiceError(.shuttingDown, "The daemon is stopping.")

    private func end(_ error: ServiceError) {
        lock.withLock { isEnded = true }
        control.didEnd()
        request.sink.onEnd(.failure(error))
    }

    // MARK: Time

    private var deadline: Int64? {
        let timeout = request.options.timeoutSeconds ?? database.options.queryTimeoutSeconds
        return timeout > 0 && timeout < 1e9 ? startNanoseconds + Int64(timeout * 1e9) : nil
    }

    private func isOver(_ now: Int64) -> Bool { deadline.map { now > $0 } ?? false }

    /// Stops the statement once its time is over.
    func look(at now: Int64) {
        if isOver(now), !control.stop.isRaised { control.stop(.outOfTime) }
    }

    /// Whether the watch has seen before that the statement is stopped. Of the watch alone.
    private var isStopSeen = false

    /// Ends a statement that is stopped and that nobody works on; false when it goes on. At the
    /// second look: a worker that is free does it sooner.
    func endIfStopped() -> Bool {
        guard control.stop.isRaised else { return false }
        guard isStopSeen else {
            isStopSeen = true
            return false
        }
        lock.lock()
        guard !isEnded else {
            lock.unlock()
            return false
        }
        failure = failure ?? control.reason
        return endFailed() == .ended
    }

    // MARK: Turns

    /// Nanoseconds of work so far, and of those that were there before it came.
    var usedNanoseconds: Int64 { used.load(ordering: .relaxed) }

    /// When it last had a turn.
    var servedNanoseconds: Int64 { served.load(ordering: .relaxed) }

    /// Begins to count its turns.
    func beginTurns(at usedNanoseconds: Int64) {
        used.store(usedNanoseconds, ordering: .relaxed)
        startOfTurns.store(usedNanoseconds, ordering: .relaxed)
        served.store(HostClock.monotonicNanoseconds(), ordering: .relaxed)
        restedAt.store(.max, ordering: .relaxed)
    }

    private let startOfTurns = Atomic<Int64>(0)

    /// A worker found nothing to do, when the pool had been woken so many times.
    func didRest(at wakeCount: UInt64) {
        if lock.withLock({ lanes.busyCount == 0 }) {
            restedAt.store(wakeCount, ordering: .relaxed)
        }
    }

    /// Whether it could do something and has had no turn for long.
    func isStarving(at now: Int64, _ wakeCount: UInt64) -> Bool {
        guard now - servedNanoseconds > Spares.longNanoseconds,
            restedAt.load(ordering: .relaxed) != wakeCount
        else { return false }
        return lock.withLock { !isEnded && lanes.busyCount == 0 }
    }

    /// Whether a worker has been in a piece of it for long.
    func isInLongPiece(at now: Int64) -> Bool {
        lock.withLock { lanes.oldestStart.map { now - $0 > Spares.longNanoseconds } ?? false }
    }

    /// Whether it has had little time so far.
    func isYoung(at now: Int64) -> Bool {
        let done = usedNanoseconds - startOfTurns.load(ordering: .relaxed)
        return done + lock.withLock({ lanes.busyNanoseconds(at: now) }) < Spares.youngNanoseconds
    }

    /// Whether its long pieces should let others pass.
    var asksToWait: Bool {
        get { control.stop.asksToWait }
        set { if control.stop.asksToWait != newValue { control.stop.asksToWait = newValue } }
    }

    // MARK: Waiting for a place

    /// Why a query should not wait any longer; nil: it waits on.
    func waitFailure(at now: Int64) -> ServiceError? {
        if let reason = control.reason {
            guard reason.code == .cancelled else { return reason }
            return ServiceError(.cancelled, "The query was cancelled while it waited to run.")
        }
        guard isOver(now) else { return nil }
        if lock.withLock({ isHungry }) {
            return ServiceError(
                .timeout, "The query waited for memory for its whole time limit.",
                hint: "Other queries hold it: try again later, or raise memory-limit.",
                retryAfterMilliseconds: 1_000)
        }
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
            isHungry = false
            lanes.freeAll()
        }
    }

    // MARK: Steps

    /// Does one piece of work, if there is one.
    func step() -> Step {
        lock.lock()
        if isEnded {
            lock.unlock()
            return .idle
        }
        if control.stop.isRaised { failure = failure ?? control.reason }
        if failure != nil { return endFailed() }
        guard let lane = lanes.free else {
            lock.unlock()
            return .idle
        }
        if !isStarted {
            isStarted = true
            take(lane)
            lock.unlock()
            return start(lane)
        }
        guard let phase else {
            lock.unlock()
            return .idle
        }
        switch phase.claim(worker: lane) {
        case .piece(let piece):
            take(lane)
            lock.unlock()
            return run(piece, of: phase, lane)
        case .nothing:
            lock.unlock()
            return .idle
        case .exhausted:
            guard lanes.busyCount == 0 else {
                lock.unlock()
                return .idle
            }
            take(lane)
            lock.unlock()
            return advance(phase, lane)
        }
    }

    /// Under the lock.
    private func take(_ lane: Int) {
        let now = HostClock.monotonicNanoseconds()
        lanes.take(lane, at: now)
        served.store(now, ordering: .relaxed)
    }

    /// Under the lock.
    private func free(_ lane: Int) {
        let now = HostClock.monotonicNanoseconds()
        let spent = lanes.free(lane, at: now)
        used.add(spent, ordering: .relaxed)
        served.store(now, ordering: .relaxed)
    }

    /// Under the lock, which it gives up: ends the job with its failure once nobody works on it,
    /// or lets it wait for the memory that it did not find.
    private func endFailed() -> Step {
        guard lanes.busyCount == 0, let failure else {
            lock.unlock()
            return .idle
        }
        var last = failure
        let isStopped = control.stop.isRaised
        let byteCount =
            hasPlace && !isStopped
            ? running?.byteCountToWaitFor(failure, database.budget) : nil
        // Giving gigabytes back takes a while: whoever stopped the statement does not wait for it,
        // whoever waits for its memory does.
        var held = (phase, running)
        phase = nil
        running = nil
        self.failure = byteCount == nil ? failure : nil
        isHungry = byteCount != nil
        isEnded = byteCount == nil
        lock.unlock()
        if !isStopped { held = (nil, nil) }
        if let byteCount {
            request.record.didMissMemory()
            if database.pool.waitForMemory(self, byteCount: byteCount) { return .worked }
            lock.withLock { isEnded = true }
            last = Self.shuttingDown
        }
        control.didEnd()
        request.sink.onEnd(.failure(last))
        withExtendedLifetime(held) {}
        return .ended
    }

    private func runner(_ stop: StopSignal) -> StatementRunner {
        StatementRunner(
            database: database, control: control, options: request.options, sink: request.sink,
            record: request.record, startNanoseconds: startNanoseconds, deadline: deadline,
            bindingStop: stop)
    }

    /// Answers a statement that reads no block on the caller's thread, which saves two changes of
    /// threads; false when the job is still to be submitted. Takes the thread for a few
    /// milliseconds at most, whatever the statement.
    func answersAtOnce() -> Bool {
        guard request.text.count + request.options.parameterByteCount <= Self.immediateTextLimit,
            let bound = try? runner(StopSignal(after: Self.immediateNanoseconds))
                .bind(request.text)
        else { return false }
        self.bound = bound
        guard StatementRunner.readsNothing(bound.statement) else { return false }
        while true {
            switch step() {
            case .worked: continue
            case .idle: return false
            case .ended: return true
            }
        }
    }

    /// Longer statements take a while to parse, which the caller's other clients would feel.
    private static let immediateTextLimit = 1_024
    /// How long the caller's thread may compute constants.
    private static let immediateNanoseconds: Int64 = 2_000_000

    private func start(_ lane: Int) -> Step {
        let runner = runner(control.stop)
        do throws(ServiceError) {
            // Short statements were bound before they were submitted.
            let known = self.bound
            self.bound = nil
            let bound: StatementRunner.Bound
            if let known { bound = known } else { bound = try runner.bind(request.text) }
            if StatementRunner.needsPlace(bound.statement) {
                request.record.didQueue()
                isShort = StatementRunner.isShort(bound)
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
                    free(lane)
                }
                return .ended
            }
            lock.withLock {
                self.running = running
                phase = running.phase
                free(lane)
            }
            if running.phase.isParallel { database.pool.wake() }
            return .worked
        } catch {
            return fail(error, lane)
        }
    }

    private func run(_ piece: Int, of phase: Phase, _ lane: Int) -> Step {
        do throws(ServiceError) {
            try phase.run(piece, worker: lane)
        } catch {
            return fail(error, lane)
        }
        lock.withLock {
            free(lane)
            if failure == nil { phase.didRun(piece) }
        }
        if phase.takeRefusal() { database.pool.wake() }
        return .worked
    }

    private func fail(_ error: ServiceError, _ lane: Int) -> Step {
        let context = lock.withLock { running }?.context
        // Values that were never stored may overflow: then the damage is what to tell.
        var error = error
        do throws(ServiceError) { try context?.checkReads() } catch let damage { error = damage }
        lock.lock()
        free(lane)
        // What a stop made fail says so in its own words.
        failure = failure ?? control.reason ?? error
        return endFailed()
    }

    private func advance(_ phase: Phase, _ lane: Int) -> Step {
        var next: Phase?
        do throws(ServiceError) {
            next = try phase.finish()
        } catch {
            return fail(error, lane)
        }
        guard let next else {
            // What a stop cut short looks like an end.
            if let reason = control.reason { return fail(reason, lane) }
            return endSucceeded()
        }
        lock.withLock {
            self.phase = next
            free(lane)
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

extension ServiceError {
    /// What ends a statement that takes too long.
    static let outOfTime = ServiceError(
        .timeout, "The query took longer than its time limit.",
        hint: "Raise the timeout, or narrow the query.")
}
