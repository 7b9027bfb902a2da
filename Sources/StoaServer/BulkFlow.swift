/// How much of a bulk load may be on its way: batches that the service has not taken in.
struct BulkFlow {
    /// Bytes that the client may still send; a batch may take it below zero.
    private(set) var credit: Int
    /// Payload sizes of the batches not taken in yet, oldest first.
    private var waiting: [Int] = []
    private var isOpened = false
    private(set) var isCommitted = false

    init(window: Int) { credit = window }

    /// Whether a batch may come now.
    var takesBatch: Bool { isOpened && !isCommitted && credit > 0 }

    /// Whether a commit may come now.
    var takesCommit: Bool { isOpened && !isCommitted }

    /// Whether the next batch, or the commit, has to come from the client.
    var isClientsTurn: Bool { isOpened && !isCommitted && waiting.isEmpty }

    /// The load has begun.
    mutating func didOpen() { isOpened = true }

    /// The client sent a batch.
    mutating func received(payloadByteCount: Int) {
        credit -= payloadByteCount
        waiting.append(payloadByteCount)
    }

    /// The client sent all batches.
    mutating func receivedCommit() { isCommitted = true }

    /// The service took the oldest batch in; the bytes to give back.
    mutating func didAccept() -> Int {
        guard !waiting.isEmpty else { return 0 }
        let byteCount = waiting.removeFirst()
        credit += byteCount
        return byteCount
    }
}
