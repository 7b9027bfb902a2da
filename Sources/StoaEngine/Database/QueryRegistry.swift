internal import StoaBase
internal import StoaModel

/// The statements that run, the last ones that did, and counts of all.
final class QueryRegistry: @unchecked Sendable {
    // SAFETY: the mutable fields are touched only while `lock` is held.
    /// What has happened since the start.
    struct Totals {
        var finished = 0
        var failed = 0
        var cancelled = 0
        var rowsRead = 0
        var rowsSkipped = 0
        var bytesRead = 0
    }

    /// Ended statements that are remembered.
    private static let recentLimit = 256

    /// One kind of error since the start.
    struct Failures {
        let code: ErrorCode
        var count = 0
        /// Microseconds since 1970 UTC of the last one.
        var lastTime: Int64 = 0
        var lastMessage = ""
        /// Nil: the last one was no statement's.
        var lastQueryID: UInt64?
    }

    private let lock = Lock()
    private var nextID: UInt64 = 1
    private var running: [UInt64: QueryRecord] = [:]
    private var recent: [QueryRecord] = []
    /// The place of the oldest in `recent`, once it is full.
    private var oldest = 0
    private var counts = Totals()
    private var failures: [ErrorCode: Failures] = [:]

    func begin(_ text: [UInt8], client: String?, control: QueryControl) -> QueryRecord {
        let id = lock.withLock { () -> UInt64 in
            defer { nextID += 1 }
            return nextID
        }
        let record = QueryRecord(id: id, text: text, client: client, control: control)
        lock.withLock { running[id] = record }
        return record
    }

    func end(_ record: QueryRecord, _ result: Result<QuerySummary, ServiceError>) {
        record.didEnd(result)
        lock.withLock {
            running[record.id] = nil
            if recent.count < Self.recentLimit {
                recent.append(record)
            } else {
                recent[oldest] = record
                oldest = (oldest + 1) % Self.recentLimit
            }
            if case .failure(let error) = result { add(error, record.id) }
            switch result {
            case .success(let summary):
                counts.finished += 1
                counts.rowsRead += summary.rowsScanned
                counts.rowsSkipped += summary.rowsSkipped
                counts.bytesRead += summary.bytesRead
            case .failure(let error) where error.code == .cancelled: counts.cancelled += 1
            case .failure: counts.failed += 1
            }
        }
    }

    /// Counts an error of a request that is no statement.
    func count(_ error: ServiceError) { lock.withLock { add(error, nil) } }

    /// Under the lock.
    private func add(_ error: ServiceError, _ queryID: UInt64?) {
        var found = failures[error.code] ?? Failures(code: error.code)
        found.count += 1
        found.lastTime = HostClock.wallMicroseconds()
        found.lastMessage = error.message
        found.lastQueryID = queryID
        failures[error.code] = found
    }

    /// Errors of requests since the start, by number.
    var errors: [Failures] {
        lock.withLock { failures.values.sorted { $0.code.rawValue < $1.code.rawValue } }
    }

    /// Asks a running statement to end; false when there is none of that number.
    func kill(_ id: UInt64) -> Bool {
        guard let record = lock.withLock({ running[id] }) else { return false }
        record.control.cancel()
        return true
    }

    /// All that are known, by number.
    var records: [QueryRecord] {
        lock.withLock { (recent + running.values).sorted { $0.id < $1.id } }
    }

    var runningCount: Int { lock.withLock { running.count } }

    var totals: Totals { lock.withLock { counts } }
}
