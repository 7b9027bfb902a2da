internal import StoaBase

/// One connection's part of the server's memory. A part is guaranteed, so that a client with one
/// small statement is always heard and answered, whatever the others hold; and there is a limit,
/// so that no connection has all the rest.
struct ConnectionMemory {
    /// For frames as they arrive and for requests until their last answer.
    let requests: MemoryBudget
    /// For answers until the socket has taken them.
    let results: MemoryBudget

    /// What a connection costs while it does nothing, without its receive buffer: handlers and
    /// the channel; measured at 8 KiB.
    private static let idleByteCount = 12 << 10
    /// Guaranteed for what a client asks: a statement of a few KiB.
    static let guaranteedRequestByteCount = 16 << 10
    /// Guaranteed for what it is answered.
    static let guaranteedResultByteCount = 8 << 10

    /// - Throws: `MemoryLimitReached` when there is no memory for another connection.
    init(_ options: ServerOptions) throws(MemoryLimitReached) {
        let idle = Self.idleByteCount + options.receiveByteCount
        let requestTotal = options.requestMemory.byteCountLimit
        requests = try MemoryBudget(
            byteCountLimit: idle + max(options.payloadByteCountLimit * 3 / 2, requestTotal / 2),
            guaranteed: idle + Self.guaranteedRequestByteCount, parent: options.requestMemory)
        requests.take(idle)
        results = try MemoryBudget(
            byteCountLimit: max(1 << 20, options.resultMemory.byteCountLimit / 4),
            guaranteed: Self.guaranteedResultByteCount, parent: options.resultMemory)
    }
}
