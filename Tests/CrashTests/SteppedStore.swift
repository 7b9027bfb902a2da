import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit

/// The store on one thread: the same core and the same calls on the disk as the daemon's four
/// threads make, in an order that follows from a seed.
final class SteppedStore {
    let disk: SimulatedDisk
    let files: StoreFiles
    let core: StoreCore
    let report: OpenReport
    private(set) var time: StoreTime
    private(set) var hasEnded = false
    /// Whether the core knew of a failed sync before it saw the events at hand.
    private(set) var wasPoisoned = false
    private var events: [StoreEvent] = []
    /// Log sync, committer, sealer: each does its work in order.
    private var queues: [[() -> StoreEvent?]] = [[], [], []]

    static func options() -> StoreOptions {
        var limits = Limits.tiny
        limits.logFileBytes = 2 << 10
        limits.memtableLogBytes = 3 << 10
        limits.reserveBytes = 512
        var options = StoreOptions()
        options.limits = limits
        options.processID = 1
        options.databaseID = DatabaseID(high: 5, low: 6)
        return options
    }

    init(_ disk: SimulatedDisk, at nanoseconds: Int64 = 0) throws(StorageError) {
        self.disk = disk
        let state: RecoveredState
        (files, state) = try Recovery.open(disk, options: Self.options())
        time = StoreTime(monotonicNanoseconds: nanoseconds, wallMicroseconds: nanoseconds / 1_000)
        report = state.report
        core = StoreCore(state, options: Self.options(), now: time)
        snapshot = core.initialSnapshot
    }

    private(set) var snapshot: Snapshot

    func post(_ event: StoreEvent) { events.append(event) }

    /// Lets time pass, and the core notice it.
    func advance(milliseconds: Int64) {
        time.monotonicNanoseconds += milliseconds * 1_000_000
        time.wallMicroseconds += milliseconds * 1_000
        events.append(.tick(time))
    }

    /// Does one thing that could happen next; false when nothing is left.
    func step(_ random: inout SeededRandom) -> Bool {
        var choices = queues.indices.filter { !queues[$0].isEmpty }
        if !events.isEmpty { choices.append(-1) }
        guard !choices.isEmpty else { return false }
        let choice = choices[Int(random.next() % UInt64(choices.count))]
        if choice < 0 {
            deliver()
        } else if let event = queues[choice].removeFirst()() {
            events.append(event)
        }
        return true
    }

    /// Goes on until nothing is left to do.
    func settle(_ random: inout SeededRandom) { while step(&random) {} }

    private func deliver() {
        // Answers decided before a failure may be given after it.
        wasPoisoned = core.phase == .poisoned
        core.handle(.tick(time))
        for event in events { core.handle(event) }
        events = []
        core.pump()
        var actions = core.takeActions()
        while !actions.isEmpty {
            for action in actions { perform(action) }
            actions = core.takeActions()
        }
    }

    private func perform(_ action: StoreAction) {
        let files = files
        let ids = core.ids
        switch action {
        case .writeLog(let write):
            core.handle(.didWriteLog(files.write(write)))
            core.pump()
        case .syncLog(let name): queues[0].append { .didSyncLog(files.syncLog(name)) }
        case .beginLogFile(let header):
            queues[0].append { .didBeginLogFile(files.beginLogFile(header)) }
        case .prepareLogFile(let name, let byteCount):
            queues[1].append {
                .didPrepareLogFile(files.prepareLogFile(name, byteCount: byteCount))
            }
        case .commitManifest(let manifest):
            queues[1].append { .didCommitManifest(files.commit(manifest)) }
        case .removeFiles(let paths):
            queues[1].append {
                files.remove(paths)
                return nil
            }
        case .restoreReserve:
            queues[1].append {
                files.restoreReserve()
                return nil
            }
        case .seal(let job): queues[2].append { .didSeal(job, files.seal(job, ids: ids)) }
        case .publish(let snapshot): self.snapshot = snapshot
        case .completeBatch(let completion, let result): completion(result)
        case .completeChange(let completion, let result): completion(result)
        case .complete(let completion, let error): completion(error)
        case .completeLabel(let completion, let isThere): completion(isThere)
        case .finish: hasEnded = true
        }
    }
}
