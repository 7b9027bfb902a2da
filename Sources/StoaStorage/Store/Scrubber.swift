internal import StoaBase

/// Verifies every block of every table in turn, slowly, so that damage is found while there may
/// still be a backup without it, and not by the first query that needs the block.
///
/// One thread of the least priority. It reads through the mappings, so what is in the page cache
/// is looked at there, as queries see it, and the rest comes from the device.
final class Scrubber: @unchecked Sendable {
    // SAFETY: `isEnded` is touched only while `lock` is held, `thread` only by init and `end`.
    private let lock = Lock()
    private let ended: Condition
    private var isEnded = false
    private var thread: Thread?

    /// The longest pause, so that a change of tables is noticed.
    private static let longestPauseNanoseconds: Int64 = 10_000_000_000

    /// - Parameter periodSeconds: In which everything is verified once.
    init(periodSeconds: Int, _ snapshot: @escaping @Sendable () -> Snapshot) {
        ended = Condition(guardedBy: lock)
        thread = Thread(name: "stoa-scrub") { [self] in
            Thread.lowerPriority()
            run(Int64(periodSeconds) * 1_000_000_000, snapshot)
        }
    }

    /// Ends the thread, and waits for it.
    func end() {
        lock.withLock { isEnded = true }
        ended.broadcast()
        thread?.join()
        thread = nil
    }

    private func run(_ period: Int64, _ snapshot: () -> Snapshot) {
        var start = HostClock.monotonicNanoseconds()
        while true {
            let segments = snapshot().tables.sorted { $0.key < $1.key }
                .flatMap { $0.value.segments.segments }
            let total = max(1, segments.reduce(0) { $0 + Int($1.descriptor.byteCount) })
            var done = 0
            for segment in segments {
                for place in segment.places {
                    try? segment.verifyAgain(place)
                    done += segment.extent(of: place)?.paddedByteCount ?? 0
                    let due = start + Int64(Double(period) * Double(done) / Double(total))
                    guard pause(until: due) else { return }
                }
            }
            start += period
            guard pause(until: start) else { return }
        }
    }

    /// False when the thread is to end.
    private func pause(until time: Int64) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        while !isEnded {
            let left = time - HostClock.monotonicNanoseconds()
            if left <= 0 { return true }
            _ = ended.wait(nanoseconds: min(left, Self.longestPauseNanoseconds))
        }
        return false
    }
}
