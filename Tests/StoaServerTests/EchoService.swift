import StoaBase
import StoaModel
import StoaServer
import StoaWire

/// A service without an engine. The statement says what to answer:
/// `rows N BATCHES`, `fail`, `hang`, anything else: one row with the statement's text.
final class EchoService: RequestService, RequestSession {
    let log = EventLog()

    func open(_ client: ClientIdentity) -> any RequestSession {
        log.note("open \(client.name) \(client.address ?? "-")")
        return self
    }

    func start(_ request: Request, reply: any ReplySink) -> any RequestHandle {
        switch request {
        case .query(let query):
            let text = String(decoding: query.sql, as: UTF8.self)
            let words = text.split(separator: " ")
            if words.first == "rows", words.count == 3 {
                return RowSource(
                    rowCount: Int(words[1]) ?? 0, batchCount: Int(words[2]) ?? 0,
                    credit: Int(query.initialCredit), reply: reply, log: log)
            }
            if text == "late" {
                Task {
                    try? await Task.sleep(for: .milliseconds(300))
                    reply.send(.end(ResultEnd()))
                    log.note("answered late")
                }
                return FinishedRequest()
            }
            if text == "hang" { return HangingRequest(reply: reply, log: log) }
            if text == "fail" {
                reply.send(
                    .error(
                        ServiceError(
                            .syntaxError, "no", position: 1..<3, hint: "yes",
                            retryAfterMilliseconds: 7)))
            } else {
                reply.send(.batch(Self.batch(text)))
                reply.send(.end(ResultEnd()))
            }
            return FinishedRequest()
        case .ingest(let ingest):
            log.note("ingest \(ingest.table) \(ingest.origin.sequence) \(ingest.batch.count)")
            if ingest.table == "hang" { return HangingRequest(reply: reply, log: log) }
            do {
                let batch = try RowBatch.decode(ingest.batch)
                reply.send(
                    .ingested(
                        IngestAck(
                            lsn: 7, generation: 8, rowCount: UInt64(batch.rowCount))))
            } catch {
                reply.send(.error(ServiceError(.badBatch, "bad batch")))
            }
            return FinishedRequest()
        case .bulkOpen(let open):
            log.note("open \(open.table) \(open.label ?? "-")")
            reply.send(.bulkOpened(schema: open.schema))
            return EchoBulk(reply: reply, log: log)
        case .aggregate:
            reply.send(.error(ServiceError(.notSupported, "later")))
            return FinishedRequest()
        }
    }

    static func batch(_ text: String) -> [UInt8] {
        var column = ColumnBuilder(name: "text", type: .string)
        column.append(.string(Array(text.utf8)))
        return RowBatch.encode([column])
    }

    static func numbers(_ range: Range<Int>) -> [UInt8] {
        var column = ColumnBuilder(name: "n", type: .int64)
        for number in range { column.append(integer: Int64(number)) }
        return RowBatch.encode([column])
    }
}

/// What happened, for tests to wait for.
final class EventLog: @unchecked Sendable {
    // SAFETY: `entries` is touched under `lock` only.
    private let lock = Lock()
    private var entries: [String] = []

    func note(_ entry: String) { lock.withLock { entries.append(entry) } }

    func contains(_ entry: String) -> Bool { lock.withLock { entries.contains(entry) } }

    func hasEntry(beginning start: String) -> Bool {
        lock.withLock { entries.contains { $0.hasPrefix(start) } }
    }

    /// Waits up to two seconds for an entry.
    func waits(for entry: String) async -> Bool {
        for _ in 0..<200 {
            if contains(entry) { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

/// Sends equal batches of numbers, as its credit allows.
final class RowSource: RequestHandle, @unchecked Sendable {
    // SAFETY: every variable is touched under `lock` only.
    private let lock = Lock()
    private let rowCount: Int
    private let batchCount: Int
    private var sentCount = 0
    private var credit: Int
    private var isOver = false
    private let reply: any ReplySink
    private let log: EventLog

    init(rowCount: Int, batchCount: Int, credit: Int, reply: any ReplySink, log: EventLog) {
        self.rowCount = rowCount
        self.batchCount = batchCount
        self.credit = credit
        self.reply = reply
        self.log = log
        produce()
    }

    func addCredit(_ byteCount: Int) {
        lock.withLock { credit += byteCount }
        produce()
    }

    func cancel() {
        lock.withLock {
            guard !isOver else { return }
            isOver = true
            log.note("cancelled after \(sentCount)")
            reply.send(.error(ServiceError(.cancelled, "cancelled")))
        }
    }

    private func produce() {
        lock.withLock {
            while !isOver, credit > 0 || sentCount == 0 {
                if sentCount == batchCount {
                    isOver = true
                    var end = ResultEnd()
                    end.rowCount = UInt64(rowCount * batchCount)
                    return reply.send(.end(end))
                }
                let start = sentCount * rowCount
                let batch = EchoService.numbers(start..<start + rowCount)
                credit -= batch.count + ResultBatch.fixedByteCount
                sentCount += 1
                reply.send(.batch(batch))
            }
            log.note("waiting after \(sentCount)")
        }
    }
}

/// Answers only when it is cancelled.
struct HangingRequest: RequestHandle {
    let reply: any ReplySink
    let log: EventLog

    func cancel() {
        log.note("hang cancelled")
        reply.send(.error(ServiceError(.cancelled, "cancelled")))
    }
}

/// Counts the rows of a bulk load; a batch that does not decode fails it.
final class EchoBulk: RequestHandle, @unchecked Sendable {
    // SAFETY: calls come from the event loop only.
    private var rowCount: UInt64 = 0
    private let reply: any ReplySink
    private let log: EventLog

    init(reply: any ReplySink, log: EventLog) {
        self.reply = reply
        self.log = log
    }

    func cancel() { log.note("bulk cancelled") }

    func appendBulk(_ batch: Bytes) {
        guard let rows = try? RowBatch.decode(batch) else {
            return reply.send(.error(ServiceError(.badBatch, "bad batch")))
        }
        rowCount += UInt64(rows.rowCount)
        reply.send(.bulkAccepted(rowCount: rowCount))
    }

    func commitBulk(rowCount: UInt64) {
        guard rowCount == self.rowCount else {
            return reply.send(.error(ServiceError(.badBatch, "rows are missing")))
        }
        reply.send(.bulkCommitted(BulkCommitted(lsn: 1, generation: 1, rowCount: rowCount)))
    }

    func abortBulk() {
        log.note("bulk aborted")
        reply.send(.bulkAborted)
    }
}
