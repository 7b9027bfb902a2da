internal import StoaBase
internal import StoaModel
internal import StoaQuery

/// What the operator is told of statements: those that were slow, and those that failed because
/// of the machine or of stored bytes. Never with a value.
struct StatementEvents: Sendable {
    private let events: EventLog
    /// Nanoseconds from which on a statement is slow; nil: none is.
    private let slowNanoseconds: Int64?

    init(_ options: DatabaseOptions) {
        events = options.events
        let seconds = options.slowStatementSeconds
        slowNanoseconds = seconds > 0 ? Int64(seconds * 1e9) : nil
    }

    /// A statement has ended, and its record says how.
    func didEnd(_ record: QueryRecord, _ result: Result<QuerySummary, ServiceError>) {
        if case .failure(let error) = result { report(error, of: "statement", id: record.id) }
        let status = record.status
        guard let slowNanoseconds, status.elapsedNanoseconds >= slowNanoseconds else { return }
        events.report(
            .notice, "slow statement",
            [
                "id": "\(record.id)", "state": status.state.rawValue,
                "milliseconds": "\(status.elapsedNanoseconds / 1_000_000)",
                "rows_read": "\(status.summary.rowsScanned)",
                "bytes_read": "\(status.summary.bytesRead)",
                "peak_memory_bytes": "\(status.peakMemoryByteCount)",
                "client": record.client ?? "",
                "statement": StatementShape.text(record.text) ?? "",
            ])
    }

    /// Tells of an error that no other request will mend: the machine's or the stored data's.
    func report(_ error: ServiceError, of request: String, id: UInt64? = nil) {
        guard error.code.rawValue >= 3_000, error.code != .logPoisoned else { return }
        let isDamage = error.code.rawValue >= 4_000
        events.report(
            .error, isDamage ? "damage found" : "request failed",
            [
                "code": error.code.name, "request": request, "id": id.map { "\($0)" } ?? "",
                "reason": error.message,
            ], kind: "\(error.code.name) \(error.message)")
    }

    /// Somebody has ended another's statement.
    func didKill(_ id: UInt64, by client: String?) {
        events.report(.notice, "statement killed", ["id": "\(id)", "by": client ?? ""])
    }
}
