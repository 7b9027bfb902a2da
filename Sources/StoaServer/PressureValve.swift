internal import NIOCore
internal import StoaBase
internal import StoaWire

/// Connections that wait for memory, on the event loop: asks them again as memory comes back, and
/// where none does, makes those give way that hold it without using it: frames that arrive too
/// slowly, results that nobody takes.
final class PressureValve: @unchecked Sendable {
    // SAFETY: touched on the server's one event loop only.
    /// How often those that wait are asked again: more seldom when they are many.
    private var step: TimeAmount { .milliseconds(Int64(2 + waiting.count / 32)) }
    /// How long somebody waits before others have to give way.
    private static let patience = TimeAmount.milliseconds(100)
    /// How old an unfinished frame is at least before it gives way.
    static let frameAge = TimeAmount.milliseconds(250)
    /// How long a result is not taken before its connection is closed.
    static let resultAge = TimeAmount.seconds(2)
    /// How long a request waits for memory before it is refused.
    static let requestAge = TimeAmount.seconds(2)

    /// How often the service is asked whether requests wait for each other.
    private static let look = TimeAmount.milliseconds(250)

    private let connections: ConnectionTable
    private let service: any RequestService
    private var waiting: [(handler: SessionHandler, since: NIODeadline)] = []
    private var isRunning = false

    init(_ connections: ConnectionTable, _ service: any RequestService, on loop: any EventLoop) {
        self.connections = connections
        self.service = service
        loop.scheduleRepeatedTask(initialDelay: Self.look, delay: Self.look) { [weak self] task in
            guard let self else { return task.cancel() }
            if self.service.isCrowded { relieveService() }
        }
    }

    /// Connections that wait now.
    var waitingCount: Int { waiting.count }

    /// Asks `handler` again as soon as there may be memory.
    func add(_ handler: SessionHandler, on loop: any EventLoop) {
        waiting.append((handler, .now()))
        guard !isRunning else { return }
        isRunning = true
        schedule(on: loop)
    }

    private func schedule(on loop: any EventLoop) {
        loop.scheduleTask(in: step) { self.turn(on: loop) }
    }

    private func turn(on loop: any EventLoop) {
        let asked = waiting
        waiting = []
        let left = asked.filter { !$0.handler.retry(since: $0.since) }
        waiting = left + waiting
        if let oldest = waiting.first, NIODeadline.now() - oldest.since > Self.patience {
            relieve()
        }
        isRunning = !waiting.isEmpty
        if isRunning { schedule(on: loop) }
    }

    /// Queries hold places and memory as long as their results are not taken.
    private func relieveService() {
        let now = NIODeadline.now()
        for handler in Array(connections.all) {
            if handler.isStuck(at: now) {
                handler.closeNow()
            } else {
                handler.giveUpIdle(at: now)
            }
        }
    }

    private func relieve() {
        let now = NIODeadline.now()
        let needsResults = waiting.contains { $0.handler.waitsForResults }
        if needsResults {
            for handler in Array(connections.all) where handler.isStuck(at: now) {
                handler.closeNow()
            }
        }
        guard waiting.contains(where: { $0.handler.waitsForRequests }) else { return }
        let slowest = connections.all
            .compactMap { handler in handler.framePace(at: now).map { (handler, $0) } }
            .min { $0.1 < $1.1 }
        slowest?.0.giveWay()
    }
}
