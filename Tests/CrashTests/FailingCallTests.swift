import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Every call on the disk fails once, and the store keeps its promises.
@Suite(.serialized) struct FailingCallTests {
    enum Fault: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case ioError, diskFull

        var errno: Int32 { self == .ioError ? 5 : 28 }
        var testDescription: String { rawValue }
    }

    @Test(
        "when any one call fails, nothing acknowledged is lost or comes after a failed sync",
        arguments: Fault.allCases)
    func sweep(_ fault: Fault) {
        var failures: [String] = []
        var total = 0
        for seed in UInt64(3)...5 {
            let callCount = Self.callCount(seed: seed)
            total += callCount
            for number in 1...callCount where failures.count < 5 {
                let disk = SimulatedDisk()
                disk.failOperation(number, errno: fault.errno)
                failures += Self.run(disk, seed: seed).map {
                    "seed \(seed), call \(number): \($0)"
                }
            }
        }
        print("failing calls: \(total) calls failed once with \(fault.rawValue)")
        #expect(failures == [])
    }

    @Test("when the disk fails for good, what was acknowledged before is there", arguments: 1...40)
    func forGood(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let callCount = Self.callCount(seed: 3)
        let disk = SimulatedDisk()
        let number = Int(random.next() % UInt64(callCount)) + 1
        disk.failOperation(number, errno: 5, isForGood: true)
        #expect(Self.run(disk, seed: 3) == [], "from call \(number) on")
    }

    static func callCount(seed: UInt64) -> Int {
        let disk = SimulatedDisk()
        Workload(seed: seed, operationCount: 30, disk: disk).run()
        return disk.callCount
    }

    /// Runs a life, then recovers both what a cut would leave at worst and at best.
    static func run(_ disk: SimulatedDisk, seed: UInt64) -> [String] {
        let workload = Workload(seed: seed, operationCount: 30, disk: disk)
        workload.run()
        disk.stopFailing()
        var failures = workload.ledger.violations
        var walker = CrashWalker(DiskImage())
        for step in disk.steps { walker.apply(step) }
        let checker = CrashChecker(workload.ledger)
        for kept in [UInt64.max, 0] {
            do {
                try checker.check(
                    SimulatedDisk(walker.image(keeping: kept)), step: disk.stepCount)
            } catch {
                failures.append("\(error)")
            }
        }
        return failures
    }

    @Test("a full disk refuses batches and table changes, and writes go on when there is room")
    func diskFull() throws {
        let disk = SimulatedDisk()
        let store = try SteppedStore(disk)
        var random = SeededRandom(seed: 1)
        let answers = Answers()
        store.post(
            .change(.create(TableDraft(name: "t", columns: Workload.columns))) {
                answers.changes.append($0)
            })
        store.settle(&random)
        let id = try answers.changes[0].get().tableID
        disk.setCapacity(disk.contents.byteCount)
        for number in 0..<60 {
            try send(store, id, number, answers)
            store.settle(&random)
        }
        let stored = answers.batches.count { (try? $0.get()) != nil }
        let refused = answers.batches.filter {
            if case .failure(let error) = $0 { error.isDiskFull } else { false }
        }
        #expect(stored > 0 && refused.count == 60 - stored && !refused.isEmpty)
        #expect(store.core.phase == .running)
        store.post(.change(.drop(id)) { answers.changes.append($0) })
        store.settle(&random)
        #expect((try? answers.changes[1].get()) != nil, "the reserve pays for a drop")
        disk.setCapacity(nil)
        store.post(
            .change(.create(TableDraft(name: "t", columns: Workload.columns))) {
                answers.changes.append($0)
            })
        store.settle(&random)
        let again = try answers.changes[2].get().tableID
        try send(store, again, 60, answers)
        store.settle(&random)
        #expect((try? answers.batches[60].get()) != nil)
        store.files.close()
    }

    /// What completions said; all on one thread.
    private final class Answers: @unchecked Sendable {
        // SAFETY: the stepped store runs on the test's thread.
        var changes: [Result<ChangeReceipt, StorageError>] = []
        var batches: [Result<AppendReceipt, StorageError>] = []
    }

    private func send(
        _ store: SteppedStore, _ id: TableID, _ number: Int, _ answers: Answers
    ) throws {
        let batch = Ledger.Batch(number: number, table: id, rowCount: 20, origin: .none)
        let rows = try #require(Workload.rows(batch))
        store.post(
            .batch(
                BatchRequest(tableID: id, batch: rows, origin: .none) {
                    answers.batches.append($0)
                }))
    }
}
