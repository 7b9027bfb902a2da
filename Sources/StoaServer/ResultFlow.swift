/// How much of a result may be on its way: what the client allows, and what the socket takes.
struct ResultFlow {
    /// Bytes that the client allowed in all.
    private var allowed: Int
    /// Bytes that the service was allowed in all.
    private var granted = 0
    /// Bytes that the socket has taken.
    private var flushed = 0

    init(initialCredit: UInt32) { allowed = Int(initialCredit) }

    /// Whether nothing can be sent before the client allows more.
    var isClientsTurn: Bool { granted >= allowed && flushed >= granted }

    /// The client allows more.
    mutating func received(credit: UInt32) { allowed += Int(credit) }

    /// The socket took a batch.
    mutating func didFlush(byteCount: Int) { flushed += byteCount }

    /// What the service may be allowed now, so that no more than `window` bytes are ever
    /// waiting here; 0 when nothing.
    mutating func grant(window: Int) -> Int {
        let target = min(allowed, flushed + window)
        guard target > granted else { return 0 }
        defer { granted = target }
        return target - granted
    }
}
