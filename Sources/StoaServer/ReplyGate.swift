internal import NIOCore
internal import StoaBase

/// The way of answers to the event loop, which closes before the loop ends: a service may still
/// answer when its server is gone.
final class ReplyGate: @unchecked Sendable {
    // SAFETY: `isOpen` is touched under `lock` only.
    private let lock = Lock()
    private let loop: any EventLoop
    private var isOpen = true

    init(_ loop: any EventLoop) { self.loop = loop }

    /// Runs `body` on the loop, or not at all once the gate is closed.
    func execute(_ body: @escaping @Sendable () -> Void) {
        lock.withLock { if isOpen { loop.execute(body) } }
    }

    func close() { lock.withLock { isOpen = false } }
}
