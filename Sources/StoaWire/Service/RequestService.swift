/// What answers requests: the seam between the server, which knows frames, and the engine.
///
/// Callbacks, not tasks: `start` is called on the event loop and must return at once, having
/// handed the work to threads of its own; answers go to `reply` from any thread.
package protocol RequestService: Sendable {
    /// Begins `request`. The service sends any number of replies and exactly one last one
    /// (`Reply.isLast`), then forgets `reply`.
    func start(_ request: Request, reply: any ReplySink) -> any RequestHandle
}
