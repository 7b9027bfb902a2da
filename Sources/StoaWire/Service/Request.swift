/// What a client asks for. Later frames of the same request arrive at its `RequestHandle`.
package enum Request: Sendable {
    /// Answered by `.batch`es and `.end`. `initialCredit` is the server's own, never more than
    /// the client's; more comes through `RequestHandle.addCredit`.
    case query(QueryRequest)
    /// Answered like a query.
    case aggregate(AggregateRequest)
    /// Answered by `.ingested`.
    case ingest(IngestRequest)
    /// Answered by `.bulkOpened`, then one `.bulkAccepted` for each batch, then
    /// `.bulkCommitted` or `.bulkAborted`.
    case bulkOpen(BulkOpen)
}
