import StoaBase
import StoaDisk
import StoaStorage
import StoaTestKit
import Testing

/// Walks a life of the store step by step and recovers what a cut could leave at each.
@Suite(.serialized) struct CrashEnumeratorTests {
    /// Counts of one walk.
    struct Counts {
        var steps = 0
        var states = 0
        var torn = 0
        var nested = 0
        var resumed = 0
        var batches = 0
        var changes = 0
        var failures: [String] = []

        mutating func add(_ other: Counts) {
            steps += other.steps
            states += other.states
            torn += other.torn
            nested += other.nested
            resumed += other.resumed
            batches += other.batches
            changes += other.changes
            failures += other.failures
        }
    }

    @Test("whatever a power cut leaves, acknowledged rows are there once and batches are whole")
    func powerCuts() {
        var total = Counts()
        var seed: UInt64 = 1
        while total.states < 20_000, total.failures.count < 5 {
            let counts = Self.walk(seed: seed)
            total.add(counts)
            seed += 1
        }
        print(
            "crash enumerator: \(seed - 1) lives, \(total.batches) acknowledged batches, "
                + "\(total.changes) table changes, \(total.steps) disk steps, \(total.states) "
                + "states recovered twice (\(total.torn) with torn writes), \(total.nested) "
                + "cuts during recovery, \(total.resumed) resumed, "
                + "\(total.failures.count) wrong")
        #expect(total.failures == [])
        #expect(total.states >= 20_000)
    }

    /// All states of one life.
    static func walk(
        seed: UInt64, operationCount: Int = 40, disk: SimulatedDisk = SimulatedDisk()
    ) -> Counts {
        let workload = Workload(seed: seed, operationCount: operationCount, disk: disk)
        workload.run()
        var counts = Counts()
        counts.batches = workload.ledger.batches.count { $0.acknowledged != nil }
        counts.changes = workload.ledger.changes.count { $0.acknowledged != nil }
        counts.failures = workload.ledger.violations
        let checker = CrashChecker(workload.ledger)
        var walker = CrashWalker(DiskImage())
        var random = SeededRandom(seed: seed &* 31)
        for (index, step) in workload.disk.steps.enumerated() {
            walker.apply(step)
            counts.steps += 1
            for (image, isTorn) in images(walker, step, &random) {
                counts.states += 1
                if isTorn { counts.torn += 1 }
                do {
                    try examine(image, checker, step: index + 1, &counts, &random)
                } catch {
                    counts.failures.append("seed \(seed), step \(index + 1) (\(step)): \(error)")
                    return counts
                }
            }
        }
        return counts
    }

    /// What a cut right after `step` could leave that was not possible before it.
    static func images(
        _ walker: CrashWalker, _ step: DiskStep, _ random: inout SeededRandom
    ) -> [(DiskImage, Bool)] {
        var images: [(DiskImage, Bool)] = []
        let count = walker.pending.count
        var isWrite = false
        if case .change(let change) = step {
            // Only sets with the new change are new.
            let others = count - 1
            if others <= 7 {
                for kept in 0..<UInt64(1) << UInt64(others) {
                    images.append((walker.image(keeping: kept | 1 << UInt64(others)), false))
                }
            } else {
                images.append((walker.image(keeping: .max), false))
                for _ in 0..<63 {
                    let kept = random.next() | 1 << UInt64(min(others, 63))
                    images.append((walker.image(keeping: kept), false))
                }
            }
            if case .write = change { isWrite = true }
        } else {
            images.append((walker.image(keeping: 0), false))
            if count > 0 { images.append((walker.image(keeping: .max), false)) }
        }
        if isWrite { for _ in 0..<3 { images.append((walker.tornImage(&random), true)) } }
        return images
    }

    /// One state: recovery, what it holds, a second recovery; for some also cuts during recovery
    /// and producers that go on.
    static func examine(
        _ image: DiskImage, _ checker: CrashChecker, step: Int, _ counts: inout Counts,
        _ random: inout SeededRandom
    ) throws {
        let disk = SimulatedDisk(image)
        let digest = try checker.check(disk, step: step)
        try checker.checkAgain(disk, digest)
        if random.next() % 16 == 0 {
            counts.resumed += 1
            try checker.checkResume(disk, digest)
        }
        guard random.next() % 128 == 0 else { return }
        var walker = CrashWalker(image)
        for inner in disk.steps {
            walker.apply(inner)
            var nested = [walker.image(keeping: 0), walker.image(keeping: random.next())]
            if case .change(.write) = inner { nested.append(walker.tornImage(&random)) }
            for image in nested {
                counts.nested += 1
                let again = try checker.check(SimulatedDisk(image), step: step)
                guard again.tables == digest.tables, again.rows == digest.rows,
                    again.extras == digest.extras,
                    again.producers == digest.producers
                else { throw CrashChecker.Wrong("a cut during recovery changed the outcome") }
            }
        }
    }
}
