/// What answers the clients of a server: the seam between the server, which knows frames, and the
/// engine.
package protocol RequestService: Sendable {
    /// A client has said hello; called on the event loop. What it sets lives as long as the
    /// returned session, which is one connection's.
    func open(_ client: ClientIdentity) -> any RequestSession

    /// Whether requests wait for what running ones hold. Called on the event loop.
    var isCrowded: Bool { get }
}

extension RequestService {
    package var isCrowded: Bool { false }
}

/// Who is on the other side of a connection.
package struct ClientIdentity: Equatable, Sendable {
    /// What the client calls itself; may be empty.
    package var name: String
    /// Host and port, as the socket says; nil when it is gone already.
    package var address: String?

    package init(name: String, address: String?) {
        self.name = name
        self.address = address
    }
}

/// What answers the requests of one connection.
///
/// Callbacks, not tasks: `start` is called on the event loop and must return at once, having
/// handed the work to threads of its own; answers go to `reply` from any thread.
package protocol RequestSession: Sendable {
    /// Begins `request`. The service sends any number of replies and exactly one last one
    /// (`Reply.isLast`), then forgets `reply`.
    func start(_ request: Request, reply: any ReplySink) -> any RequestHandle
}
