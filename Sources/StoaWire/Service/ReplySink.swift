/// Where the answers of one request go. Calls come from any thread, one after the other; the
/// sink hands them to the event loop, and drops them when the client is gone.
package protocol ReplySink: Sendable {
    func send(_ reply: Reply)
}
