internal import StoaBase

/// Gives memory back to the system that nobody in the daemon holds any longer: the allocator keeps
/// what was freed between things that live on.
final class MemoryKeeper: Sendable {
    private let state = State()
    private let thread: StoaBase.Thread
    /// How often it looks.
    private static let pauseNanoseconds: Int64 = 500_000_000
    /// Free bytes that are worth a look through the heap.
    private static let worthByteCount = 8 << 20

    /// - Parameter held: Bytes that are held, as far as they are counted.
    init(held: @escaping @Sendable () -> Int) {
        thread = StoaBase.Thread(name: "stoad-memory") { [state] in
            // What is not counted: code, stacks, books. Measured when there was nothing to give.
            var uncounted = HostMemory.ownByteCount - held()
            while state.waits(nanoseconds: Self.pauseNanoseconds) {
                let before = held()
                let free = HostMemory.ownByteCount - before - uncounted
                guard free > max(Self.worthByteCount, before / 8) else { continue }
                HostMemory.giveBack()
                uncounted = HostMemory.ownByteCount - held()
            }
        }
    }

    /// Ends the thread and waits for it.
    func close() {
        state.end()
        thread.join()
    }

    private final class State: @unchecked Sendable {
        // SAFETY: `isEnded` is touched only while `lock` is held.
        private let lock = Lock()
        private let changed: Condition
        private var isEnded = false

        init() { changed = Condition(guardedBy: lock) }

        func end() {
            lock.withLock { isEnded = true }
            changed.broadcast()
        }

        /// Waits; false at the end.
        func waits(nanoseconds: Int64) -> Bool {
            lock.withLock {
                if !isEnded { _ = changed.wait(nanoseconds: nanoseconds) }
                return !isEnded
            }
        }
    }
}
