/// How much of a result may be on its way: what the client allows, and what the socket takes.
struct ResultFlow {
    /// Bytes that the client allowed in all.
    private var allowed: Int
    /// Bytes that the service was allowed in all.
    private var granted = 0
    /// Bytes of batches that the service has sent.
    private var sent = 0
    /// Bytes that the socket has taken.
    private var flushed = 0

    init(initialCredit: UInt32) { allowed = Int(initialCredit) }

    /// Whether nothing can be sent before the client allows more.
    var isClientsTurn: Bool { granted >= allowed && flushed >= granted }

    /// The client allows more.
    mutating func received(credit: UInt32) { allowed += Int(credit) }

    /// The service sent a batch.
    mutating func didSend(byteCount: Int) { sent += byteCount }

    /// The socket took a batch.
    mutating func didFlush(byteCount: Int) { flushed += byteCount }

    /// Bytes that the service may still send.
    var outstanding: Int { max(0, granted - sent) }

    /// What the service may be allowed now, so that no more than `window` bytes are ever
    /// waiting here; 0 when nothing.
    func wanted(window: Int) -> Int { max(0, min(allowed, flushed + window) - granted) }

    /// The service is allowed more.
    mutating func didGrant(byteCount: Int) { granted += byteCount }
}
