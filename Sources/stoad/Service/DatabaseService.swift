internal import StoaBase
internal import StoaEngine
internal import StoaModel
internal import StoaWire

/// Answers the server's clients with the database.
final class DatabaseService: RequestService {
    private let database: Database
    /// Where batches are checked, in the order they came.
    private let admission = WorkQueue(threadName: "stoad-admission")

    init(_ database: Database) { self.database = database }

    /// Ends the service's thread once everything handed to it is done.
    func close() { admission.close() }

    var isCrowded: Bool { database.isCrowded }

    func open(_ client: ClientIdentity) -> any RequestSession {
        let parts = [client.name, client.address ?? ""].filter { !$0.isEmpty }
        let name = parts.isEmpty ? nil : parts.joined(separator: " ")
        return DatabaseSession(
            database: database, admission: admission, session: QuerySession(client: name))
    }
}

/// Answers one connection's requests: the one place that knows both server and database.
///
/// Nothing is decoded on the event loop that calls `start`: batches are checked on a thread of
/// the service's own.
private struct DatabaseSession: RequestSession {
    let database: Database
    let admission: WorkQueue
    /// What the client has set.
    let session: QuerySession

    func start(_ request: Request, reply: any ReplySink) -> any RequestHandle {
        switch request {
        case .query(let query): startQuery(query, reply)
        case .ingest(let ingest): startIngest(ingest, reply)
        case .bulkOpen(let open): BulkRun.start(open, on: database, admission, reply)
        case .aggregate(let aggregate): startAggregate(aggregate, reply)
        }
    }

    private func refuse(_ error: ServiceError, _ reply: any ReplySink) -> any RequestHandle {
        reply.send(.error(error))
        return FinishedRequest()
    }

    private func startQuery(
        _ request: QueryRequest, _ reply: any ReplySink
    ) -> any RequestHandle {
        do throws(ServiceError) {
            return run(request.sql, try QueryOptions(request), hasText: true, reply)
        } catch {
            return refuse(error, reply)
        }
    }

    private func startAggregate(
        _ request: AggregateRequest, _ reply: any ReplySink
    ) -> any RequestHandle {
        do throws(ServiceError) {
            let statement = try AggregateStatement(request)
            return run(Array(statement.text.utf8), statement.options, hasText: false, reply)
        } catch {
            return refuse(error, reply)
        }
    }

    /// - Parameter hasText: Whether the client knows the statement, so that a place in it helps.
    private func run(
        _ text: [UInt8], _ options: QueryOptions, hasText: Bool, _ reply: any ReplySink
    ) -> any RequestHandle {
        var options = options
        options.session = session
        let sink = ResultSink(
            onBatch: { reply.send(.batch($0)) },
            onEnd: { result in
                switch result {
                case .success(let summary): reply.send(.end(ResultEnd(summary)))
                case .failure(var error):
                    if !hasText { error.position = nil }
                    reply.send(.error(error))
                }
            })
        return QueryRun(handle: database.query(text, options: options, sink: sink))
    }

    private func startIngest(
        _ request: IngestRequest, _ reply: any ReplySink
    ) -> any RequestHandle {
        admission.submit { [database] in
            let batch: RowBatch
            do throws(BatchError) {
                batch = try RowBatch.decode(request.batch)
            } catch {
                database.didFail(error.serviceError, request: "ingest")
                return reply.send(.error(error.serviceError))
            }
            database.ingest(table: request.table, batch: batch, origin: request.origin) { result in
                switch result {
                case .success(let receipt): reply.send(.ingested(IngestAck(receipt)))
                case .failure(let error): reply.send(.error(error))
                }
            }
        }
        return FinishedRequest()
    }
}

/// A running query, as the server reaches it.
private struct QueryRun: RequestHandle {
    let handle: QueryHandle

    func cancel() { handle.cancel() }

    func addCredit(_ byteCount: Int) { handle.addCredit(byteCount) }
}

extension ResultEnd {
    fileprivate init(_ summary: QuerySummary) {
        self.init()
        exactness =
            switch summary.exactness {
            case .exact: .exact
            case .approximate: .approximate
            case .partial: .partial
            }
        rowCount = UInt64(clamping: summary.rowCount)
        affectedRowCount = UInt64(clamping: summary.affectedRowCount)
        elapsedNanoseconds = UInt64(clamping: summary.elapsedNanoseconds)
        rowsScanned = UInt64(clamping: summary.rowsScanned)
        rowsSkipped = UInt64(clamping: summary.rowsSkipped)
        blocksScanned = UInt64(clamping: summary.blocksScanned)
        blocksSkipped = UInt64(clamping: summary.blocksSkipped)
        bytesRead = UInt64(clamping: summary.bytesRead)
        generation = summary.generation
    }
}

extension IngestAck {
    fileprivate init(_ receipt: IngestReceipt) {
        self.init(
            isDuplicate: receipt.isDuplicate, lsn: receipt.lsn, generation: receipt.generation,
            rowCount: UInt64(clamping: receipt.rowCount))
    }
}

extension BatchError {
    /// What the sender of a batch is told.
    var serviceError: ServiceError {
        let place = columnIndex.map { "column \($0 + 1): " } ?? ""
        return ServiceError(.badBatch, "The batch cannot be read: \(place)\(reason).")
    }
}
