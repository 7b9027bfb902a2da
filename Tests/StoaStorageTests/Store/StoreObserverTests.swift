import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct StoreObserverTests {
    /// Levels and messages in the order they came.
    private final class Recorder: @unchecked Sendable {
        // SAFETY: `lines` is touched only while `lock` is held.
        private let lock = Lock()
        private var lines: [String] = []

        var log: EventLog {
            EventLog(minimum: .debug, limitPerMinute: 1_000) { [self] entry in
                lock.withLock { lines.append("\(entry.level) \(entry.message)") }
            }
        }

        func count(_ line: String) -> Int {
            lock.withLock { lines.count { $0 == line } }
        }

        var all: [String] { lock.withLock { lines } }
    }

    private func open(_ disk: SimulatedDisk, _ recorder: Recorder) throws -> Store {
        var options = StoreTests.options()
        options.events = recorder.log
        return try Store.open(on: disk, options: options)
    }

    @Test("seals and manifests are told, and what was stored is counted")
    func seals() throws {
        let (disk, recorder) = (SimulatedDisk(), Recorder())
        let store = try open(disk, recorder)
        let table = try store.create("t", Numbers.columns)
        for start in stride(from: Int64(0), to: 900, by: 300) {
            _ = try store.store(try Numbers.batch(start..<start + 300), table)
        }
        let done = Waiter()
        store.sealAll { _ in done.signal() }
        done.wait()
        #expect(recorder.count("info sealed") >= 1)
        #expect(recorder.count("debug committing manifest") >= 2)
        #expect(store.counts.batchCount == 3)
        #expect(store.counts.rowCount == 900)
        #expect(store.counts.sealCount >= 1)
        #expect(store.counts.sealedByteCount > 0)
        #expect(store.counts.logByteCount > 0)
        #expect(store.writeRefusal == nil)
        #expect(store.close() == nil)
        #expect(!recorder.all.contains { $0.hasPrefix("warning") || $0.hasPrefix("error") })
    }

    @Test("a full disk is told once when it begins and once when it ends")
    func fullDisk() throws {
        let (disk, recorder) = (SimulatedDisk(), Recorder())
        let store = try open(disk, recorder)
        let table = try store.create("t", Numbers.columns)
        disk.setCapacity(disk.contents.byteCount)
        var refusedCount = 0
        for start in stride(from: Int64(0), to: 60_000, by: 300) where refusedCount < 3 {
            do {
                _ = try store.store(try Numbers.batch(start..<start + 300), table)
            } catch let error as StorageError where error.isDiskFull {
                refusedCount += 1
            } catch StorageError.overloaded {
                continue
            }
        }
        #expect(refusedCount == 3)
        #expect(store.writeRefusal?.isDiskFull == true)
        #expect(store.counts.refusedBatchCount >= 3)
        #expect(recorder.count("error disk full") == 1)
        disk.setCapacity(nil)
        #expect(store.writeRefusal == nil, "room that somebody made is seen before the next batch")
        var isStored = false
        for _ in 0..<200 where !isStored {
            isStored = (try? store.store(try Numbers.batch([1]), table)) != nil
        }
        #expect(isStored)
        #expect(recorder.count("notice disk has room again") == 1)
        #expect(store.close() == nil)
    }

    @Test("a disk that fails is told as critical, and a close says that it was no orderly one")
    func poison() throws {
        let (disk, recorder) = (SimulatedDisk(), Recorder())
        let store = try open(disk, recorder)
        let table = try store.create("t", Numbers.columns)
        disk.failOperation(disk.callCount + 1, errno: 5, isForGood: true)
        #expect(throws: StorageError.self) { try store.store(try Numbers.batch([1]), table) }
        #expect(store.writeRefusal == .logPoisoned)
        #expect(recorder.count("critical storage stopped") == 1)
        #expect(store.close() == .logPoisoned)
    }

    /// Waits for one signal of another thread.
    private final class Waiter: @unchecked Sendable {
        // SAFETY: `isDone` is touched only while `lock` is held.
        private let lock = Lock()
        private let condition: Condition
        private var isDone = false

        init() { condition = Condition(guardedBy: lock) }

        func signal() {
            lock.withLock { isDone = true }
            condition.signal()
        }

        func wait() {
            lock.lock()
            defer { lock.unlock() }
            while !isDone { condition.wait() }
        }
    }
}
