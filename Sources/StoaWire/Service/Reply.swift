package import StoaModel

/// One answer of a request.
package enum Reply: Sendable {
    /// Rows of a result, in the batch format. The first always comes, also without rows.
    case batch([UInt8])
    /// The result is whole.
    case end(ResultEnd)
    /// The batch was stored.
    case ingested(IngestAck)
    /// The bulk load has begun; the columns it will fill. The server adds the credit.
    case bulkOpened(schema: TableSchema?)
    /// The oldest batch not yet accepted is taken in; rows of the load so far. The server gives
    /// its bytes back as credit.
    case bulkAccepted(rowCount: UInt64)
    /// The bulk load is durable and visible.
    case bulkCommitted(BulkCommitted)
    /// The bulk load left nothing.
    case bulkAborted
    /// How far the request is.
    case progress(Progress)
    /// A wish to the client to send less.
    case throttle(Throttle)
    /// The request failed.
    case error(ServiceError)

    /// Whether the request is over with it.
    package var isLast: Bool {
        switch self {
        case .end, .ingested, .bulkCommitted, .bulkAborted, .error: true
        case .batch, .bulkOpened, .bulkAccepted, .progress, .throttle: false
        }
    }
}
