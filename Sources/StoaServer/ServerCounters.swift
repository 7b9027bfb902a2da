internal import Synchronization

/// What a server has done since its start, and what it does now; from any thread.
package final class ServerCounters: Sendable {
    private let current = Atomic<Int>(0)
    private let accepted = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let received = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)

    package init() {}

    /// Connections that are open.
    package var openCount: Int { current.load(ordering: .relaxed) }
    /// Connections that were taken, the refused ones among them.
    package var acceptedCount: Int { accepted.load(ordering: .relaxed) }
    /// Connections that were one too many.
    package var refusedCount: Int { refused.load(ordering: .relaxed) }
    /// Connections that did not say a proper hello in time.
    package var failedHandshakeCount: Int { failed.load(ordering: .relaxed) }
    /// Requests that were handed to the service.
    package var requestCount: Int { requests.load(ordering: .relaxed) }
    package var receivedByteCount: Int { received.load(ordering: .relaxed) }
    package var sentByteCount: Int { sent.load(ordering: .relaxed) }

    func didAccept() {
        accepted.add(1, ordering: .relaxed)
        current.add(1, ordering: .relaxed)
    }

    func didClose() { current.subtract(1, ordering: .relaxed) }
    func didRefuse() { refused.add(1, ordering: .relaxed) }
    func didFailHandshake() { failed.add(1, ordering: .relaxed) }
    func didBeginRequest() { requests.add(1, ordering: .relaxed) }
    func didReceive(byteCount: Int) { received.add(byteCount, ordering: .relaxed) }
    func didSend(byteCount: Int) { sent.add(byteCount, ordering: .relaxed) }
}
