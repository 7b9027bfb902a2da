package import StoaBase

/// A running request, as the server reaches it. Every call comes from the event loop and returns
/// at once; calls after the last reply do nothing.
package protocol RequestHandle: Sendable {
    /// The client cancelled or is gone: end soon, with `.error(CANCELLED)` or as usual. A bulk
    /// load is aborted and leaves nothing.
    func cancel()

    /// The result may have `byteCount` more bytes of batches. A batch may be sent while the
    /// credit is above zero and may take it below.
    func addCredit(_ byteCount: Int)

    /// The next rows of a bulk load, undecoded; answered by one `.bulkAccepted` when the load
    /// has room for more. The server keeps the batches that are not yet accepted within its
    /// window.
    func appendBulk(_ batch: Bytes)

    /// All batches of a bulk load were sent; answered by `.bulkCommitted`.
    func commitBulk(rowCount: UInt64)

    /// A bulk load is given up; answered by `.bulkAborted`.
    func abortBulk()
}

extension RequestHandle {
    /// For requests without a result.
    package func addCredit(_ byteCount: Int) {}
    /// For requests that are no bulk load.
    package func appendBulk(_ batch: Bytes) {}
    /// For requests that are no bulk load.
    package func commitBulk(rowCount: UInt64) {}
    /// For requests that are no bulk load.
    package func abortBulk() {}
}

/// The handle of a request that was answered at once or cannot be stopped.
package struct FinishedRequest: RequestHandle {
    package init() {}
    package func cancel() {}
}
