internal import NIOCore

/// The open connections of a server.
final class ConnectionTable: @unchecked Sendable {
    // SAFETY: touched on the server's one event loop only.
    private var handlers: [ObjectIdentifier: SessionHandler] = [:]
    private var emptied: [EventLoopPromise<Void>] = []
    private var isDraining = false
    /// Called when a connection has gone.
    var didRemove: () -> Void = {}

    var count: Int { handlers.count }

    var all: some Collection<SessionHandler> { handlers.values }

    func add(_ handler: SessionHandler) {
        handlers[ObjectIdentifier(handler)] = handler
        if isDraining { handler.drain() }
    }

    func remove(_ handler: SessionHandler) {
        handlers[ObjectIdentifier(handler)] = nil
        didRemove()
        guard handlers.isEmpty else { return }
        for promise in emptied { promise.succeed() }
        emptied.removeAll()
    }

    /// Lets every connection finish its requests; the future succeeds when all are closed.
    func drain(on loop: any EventLoop) -> EventLoopFuture<Void> {
        isDraining = true
        let promise = loop.makePromise(of: Void.self)
        if handlers.isEmpty {
            promise.succeed()
        } else {
            emptied.append(promise)
            for handler in handlers.values { handler.drain() }
        }
        return promise.futureResult
    }

    /// Ends the requests that a drain has waited for long enough.
    func endRequests() {
        for handler in handlers.values { handler.endRequests() }
    }

    func closeAll() {
        for handler in handlers.values { handler.closeNow() }
    }
}
