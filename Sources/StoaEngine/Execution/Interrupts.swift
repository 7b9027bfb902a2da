internal import StoaBase
internal import StoaModel

/// Where work on a statement looks whether it is to stop, or to let others pass: for every vector,
/// and inside of loops that take longer than a few milliseconds. Never while a lock is held.
final class Interrupts: Sendable {
    let stop: StopSignal
    private let control: QueryControl?
    private let pool: WorkerPool?

    /// Of a statement that the pool runs.
    init(_ control: QueryControl, _ pool: WorkerPool) {
        stop = control.stop
        self.control = control
        self.pool = pool
    }

    /// Of work that a signal alone can stop.
    init(_ stop: StopSignal) {
        self.stop = stop
        (control, pool) = (nil, nil)
    }

    /// Throws when the work is to end. Costs one load where nothing is asked.
    @inline(__always)
    func check() throws(ServiceError) {
        if stop.asksForAttention { try attend() }
    }

    @inline(never)
    private func attend() throws(ServiceError) {
        if let control, let pool, !stop.isRaised { pool.pause(control) }
        guard stop.isRaised else { return }
        throw control?.reason ?? ServiceError(.cancelled, "The query was cancelled.")
    }
}
