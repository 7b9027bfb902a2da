internal import StoaBase

/// Threads beside the workers, for when all of those are inside of long pieces and a query has had
/// no turn: a piece is never cut, so others take over. The long pieces then let a young query pass
/// for a while, so that it does not even share the processors. Used under the pool's lock.
final class Spares: @unchecked Sendable {
    // SAFETY: everything is touched only while the pool's lock is held.
    private let hasTurn: Condition
    private let mayGoOn: Condition
    private let workerCount: Int
    private let countLimit: Int
    private var threads: [Thread] = []
    private var idleCount = 0
    /// Idle threads that are to take a turn.
    private var turnCount = 0
    private var isEnded = false
    /// When each worker's step began, by worker; 0 outside of one.
    private var stepStarts: [Int64]
    /// The same of the spares.
    private var spareStarts: [Int64] = []

    /// Pieces and waits longer than this are long.
    static let longNanoseconds: Int64 = 10_000_000
    /// Who has had less time than this is young, and is let pass.
    static let youngNanoseconds: Int64 = 100_000_000

    init(_ lock: Lock, workerCount: Int, countLimit: Int) {
        hasTurn = Condition(guardedBy: lock)
        mayGoOn = Condition(guardedBy: lock)
        self.workerCount = workerCount
        self.countLimit = countLimit
        stepStarts = Array(repeating: 0, count: workerCount)
    }

    // MARK: Workers

    func beginStep(_ worker: Int) {
        stepStarts[worker] = HostClock.monotonicNanoseconds()
    }

    func endStep(_ worker: Int) { stepStarts[worker] = 0 }

    /// Whether every thread that is awake has been in one step for long.
    func isStuck(at now: Int64) -> Bool {
        stepStarts.allSatisfy { $0 != 0 && now - $0 > Self.longNanoseconds }
            && spareStarts.allSatisfy { $0 == 0 || now - $0 > Self.longNanoseconds }
    }

    /// Whether the workers, without the spares, are all in long steps.
    func areWorkersStuck(at now: Int64) -> Bool {
        stepStarts.allSatisfy { $0 != 0 && now - $0 > Self.longNanoseconds }
    }

    // MARK: Spares

    /// Whether a spare is at work.
    var isActive: Bool { idleCount < threads.count }

    /// Gives as many spares as there are workers a turn; `make` starts one more with its number.
    func call(_ make: (Int) -> Thread?) {
        turnCount = min(workerCount, idleCount)
        while turnCount < workerCount, threads.count < countLimit {
            spareStarts.append(0)
            guard let thread = make(threads.count) else {
                spareStarts.removeLast()
                break
            }
            threads.append(thread)
            idleCount += 1
            turnCount += 1
        }
        hasTurn.broadcast()
    }

    /// Waits for a turn; false at the end.
    func waitForTurn(_ spare: Int) -> Bool {
        spareStarts[spare] = 0
        while turnCount == 0, !isEnded { hasTurn.wait() }
        if isEnded { return false }
        turnCount -= 1
        idleCount -= 1
        return true
    }

    /// A spare has nothing to do.
    func didFinish(_ spare: Int) {
        spareStarts[spare] = 0
        idleCount += 1
        if !isActive { mayGoOn.broadcast() }
    }

    func beginSpareStep(_ spare: Int) {
        spareStarts[spare] = HostClock.monotonicNanoseconds()
    }

    /// Lets all spares end; their threads, to be joined.
    func end() -> [Thread] {
        isEnded = true
        hasTurn.broadcast()
        mayGoOn.broadcast()
        defer { threads = [] }
        return threads
    }

    // MARK: Letting others pass

    /// Lets everybody who waits for `mayGoOn` look again.
    func letGoOn() { mayGoOn.broadcast() }

    /// Waits until the lock's condition changed, or `nanoseconds` have passed.
    func pause(nanoseconds: Int64) { _ = mayGoOn.wait(nanoseconds: nanoseconds) }
}
