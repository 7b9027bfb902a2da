import StoaBase
import Testing

@Suite struct LockTests {
    private final class Counter: @unchecked Sendable {
        // SAFETY: `value` is touched only while `lock` is held.
        let lock = Lock()
        var value = 0
    }

    @Test("increments under the lock from several threads are all counted")
    func exclusion() {
        let counter = Counter()
        let threads = (0..<4).map { index in
            Thread(name: "count-\(index)") {
                for _ in 0..<10_000 { counter.lock.withLock { counter.value += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.value == 40_000)
    }

    @Test("a condition wakes its waiter, and a wait with a limit ends without a signal")
    func condition() {
        let counter = Counter()
        let changed = Condition(guardedBy: counter.lock)
        let waiter = Thread(name: "waiter") {
            counter.lock.withLock {
                while counter.value == 0 { changed.wait() }
                counter.value = 2
            }
        }
        counter.lock.withLock {
            counter.value = 1
            changed.broadcast()
        }
        waiter.join()
        #expect(counter.value == 2)
        #expect(counter.lock.withLock { changed.wait(nanoseconds: 1_000_000) } == false)
    }
}
