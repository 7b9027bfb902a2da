import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// The store with its real threads, on the simulated disk.
@Suite(.serialized) struct StoreThreadsTests {
    /// Counts completions of many threads.
    private final class Tally: @unchecked Sendable {
        // SAFETY: both counts are touched only while `lock` is held.
        private let lock = Lock()
        private let isDone: Condition
        private var stored = 0
        private var failures: [StorageError] = []

        init() { isDone = Condition(guardedBy: lock) }

        func add(_ result: Result<AppendReceipt, StorageError>) {
            lock.withLock {
                switch result {
                case .success: stored += 1
                case .failure(let error): failures.append(error)
                }
            }
            isDone.broadcast()
        }

        func wait(for count: Int) -> (stored: Int, failures: [StorageError]) {
            lock.lock()
            defer { lock.unlock() }
            while stored + failures.count < count { isDone.wait() }
            return (stored, failures)
        }
    }

    @Test("many producers, seals, table changes and readers at once lose and double nothing")
    func together() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Numbers.columns)
        let tally = Tally()
        let threads = (0..<4).map { producer in
            Thread(name: "producer") {
                for sequence in 0..<60 {
                    let first = Int64(producer * 1_000_000 + sequence * 50)
                    guard let batch = try? Numbers.batch(first..<first + 50) else { return }
                    let origin = BatchOrigin(
                        producerHigh: UInt64(producer) + 1, producerLow: 1, stream: 0, epoch: 1,
                        sequence: UInt64(sequence) + 1)
                    store.append(batch, to: id, origin: origin) { tally.add($0) }
                    store.append(batch, to: id, origin: origin) { tally.add($0) }
                }
            }
        }
        var lastCount = 0
        for round in 0..<12 {
            try store.seal()
            let other = try store.create("other \(round)", Numbers.columns)
            let count = store.snapshot().table(id)?.rowCount ?? 0
            #expect(count >= lastCount && count % 50 == 0)
            lastCount = count
            try store.drop(other)
        }
        for thread in threads { thread.join() }
        let outcome = tally.wait(for: 480)
        #expect(outcome.stored == 480 && outcome.failures.isEmpty)
        let expected = (0..<4).flatMap { producer in
            (0..<3_000).map { Int64(producer * 1_000_000 + $0) }
        }
        #expect(try store.numbers(id).sorted() == expected)
        store.close()
        let again = try Store.open(on: disk, options: StoreTests.options())
        #expect(try again.numbers(id).sorted() == expected)
        again.close()
    }

    @Test("after a failed sync batches are refused, what was stored is read, and a restart heals")
    func poisoned() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Numbers.columns)
        _ = try store.store(try Numbers.batch([1]), id)
        disk.failOperation(disk.callCount + 2, errno: 5, isForGood: true)
        #expect(throws: StorageError.durabilityUnknown) {
            _ = try store.store(try Numbers.batch([2]), id)
        }
        disk.stopFailing()
        #expect(throws: StorageError.logPoisoned) {
            _ = try store.store(try Numbers.batch([3]), id)
        }
        #expect(try store.numbers(id) == [1])
        store.close()
        let again = try Store.open(on: disk, options: StoreTests.options())
        let rows = try again.numbers(id)
        #expect(rows == [1] || rows == [1, 2])
        _ = try again.store(try Numbers.batch([4]), id)
        again.close()
    }
}
