internal import StoaBase

/// The pool's look at the clock: it stops what has run out of time, ends what waits and is over,
/// and calls spare threads where a query gets no turn.
extension WorkerPool {
    /// Nanoseconds between two looks.
    private static let lookNanoseconds: Int64 = 5_000_000
    /// Looks without anything to do after which the watch sleeps: a second.
    private static let quietLookLimit = 200
    /// How long a long piece lets others pass at most, and how long it goes on in between.
    private static let pauseNanoseconds: Int64 = 40_000_000
    private static let goOnNanoseconds: Int64 = 10_000_000

    func watch() {
        var quietLookCount = 0
        lock.lock()
        isWatching = true
        while !isClosed || !jobs.isEmpty {
            let isQuiet = jobs.isEmpty && admission.isEmpty && answers.isEmpty
            quietLookCount = isQuiet ? quietLookCount + 1 : 0
            if quietLookCount == Self.quietLookLimit {
                lock.unlock()
                didRest()
                lock.lock()
            }
            if quietLookCount >= Self.quietLookLimit {
                isWatching = false
                while jobs.isEmpty, admission.isEmpty, answers.isEmpty, !isClosed {
                    hasQueries.wait()
                }
                isWatching = true
            } else {
                _ = hasQueries.wait(nanoseconds: Self.lookNanoseconds)
            }
            lock.unlock()
            look()
            lock.lock()
        }
        isWatching = false
        lock.unlock()
    }

    private func look() {
        let now = HostClock.monotonicNanoseconds()
        lock.lock()
        let over = admission.take { $0.waitFailure(at: now) != nil }
        let (jobs, answers) = (jobs, answers)
        lock.unlock()
        for job in over { job.endWaiting() }
        for answer in answers { answer.look(at: now) }
        for job in jobs {
            job.look(at: now)
            // Workers inside of long pieces would not come by to end it.
            if job.endIfStopped() { remove(job) }
        }
        let (isStuck, wakeCount, isServing) = lock.withLock { () -> (Bool, UInt64, Bool) in
            feed()
            return (spares.isStuck(at: now), self.wakeCount, spares.isActive)
        }
        // Not under the pool's lock: a job holds its own while its client is told of rows, and
        // the client may wake the pool.
        let isStarving = isStuck && jobs.contains { $0.isStarving(at: now, wakeCount) }
        let hasYoung = isServing && jobs.contains { $0.isYoung(at: now) }
        for job in jobs {
            job.asksToWait = hasYoung && !job.isYoung(at: now) && job.isInLongPiece(at: now)
        }
        lock.withLock {
            if isStarving { callSpares() }
            if !hasYoung { spares.letGoOn() }
        }
    }

    // MARK: Spares

    /// Under the lock.
    private func callSpares() {
        spares.call { spare in
            Thread.ifPossible(name: "stoa-spare-\(spare)") { [self] in runSpare(spare) }
        }
    }

    private func runSpare(_ spare: Int) {
        var picks: UInt = 0
        lock.lock()
        while spares.waitForTurn(spare) {
            var goesOn = true
            while goesOn {
                let now = HostClock.monotonicNanoseconds()
                let wakeCount = wakeCount
                let all = self.jobs
                spares.beginSpareStep(spare)
                lock.unlock()
                let jobs = all.filter { !$0.isInLongPiece(at: now) }
                goesOn = !jobs.isEmpty && step(jobs, &picks, wakeCount: wakeCount)
                lock.lock()
                goesOn = goesOn && spares.areWorkersStuck(at: HostClock.monotonicNanoseconds())
            }
            spares.didFinish(spare)
            if !spares.isActive { for job in jobs { job.asksToWait = false } }
        }
        lock.unlock()
    }

    // MARK: Letting others pass

    /// Lets others pass for a while, inside of a long piece. `control` is the piece's.
    func pause(_ control: QueryControl) {
        lock.withLock {
            let start = HostClock.monotonicNanoseconds()
            guard start - control.lastPauseEnd > Self.goOnNanoseconds else { return }
            var left = Self.pauseNanoseconds
            while left > 0, control.stop.asksToWait, !control.stop.isRaised, !isClosed {
                spares.pause(nanoseconds: left)
                left = start + Self.pauseNanoseconds - HostClock.monotonicNanoseconds()
            }
            control.lastPauseEnd = HostClock.monotonicNanoseconds()
        }
    }
}
