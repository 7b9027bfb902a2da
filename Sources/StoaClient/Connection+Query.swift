internal import NIOCore
internal import StoaBase
package import StoaModel
package import StoaWire

extension Connection {
    /// Runs one statement and waits for the first rows.
    ///
    /// - Throws: ``ClientError`` with what the server answered, when the statement fails before
    ///   its first rows; later failures come while reading.
    package func query(
        _ sql: String, options: QueryOptions = QueryOptions()
    ) async throws -> ResultStream {
        let window = UInt32(clamping: self.options.resultWindowByteCount)
        var request = QueryRequest(sql: Array(sql.utf8), initialCredit: max(1, window))
        request.minimumGeneration = options.minimumGeneration
        if let timeout = options.timeout {
            let (seconds, attoseconds) = timeout.components
            let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
            request.timeoutMilliseconds = UInt32(clamping: max(1, milliseconds))
        }
        request.settings = options.settings.sorted { $0.key < $1.key }.map {
            QueryRequest.Setting(key: $0.key, value: $0.value)
        }
        request.parameters = options.parameters
        try checkSize(request.sql.count)
        let (requestID, inbox) = begin { [request] in
            FrameEncoder.encode(request, requestID: $0)
        }
        let stream = ResultStream(connection: self, requestID: requestID, inbox: inbox)
        try await stream.readAhead()
        return stream
    }

    /// Sends one batch (`RowBatch.encode`), which is stored whole or not at all.
    ///
    /// With an `origin`, sending the same batch again after a lost connection stores it once.
    package func ingest(
        table: String, batch: [UInt8], origin: BatchOrigin = .none, ackLevel: AckLevel = .visible
    ) async throws -> IngestAck {
        try checkSize(batch.count)
        let request = IngestRequest(table: table, origin: origin, ackLevel: ackLevel)
        let (_, inbox) = begin { FrameEncoder.encode(request, requestID: $0, batch: batch) }
        return try await inbox.nextMessage(IngestAck.self)
    }

    /// Begins a bulk load into `table`; with a `schema`, into a new table of these columns.
    package func openBulk(
        table: String, schema: TableSchema? = nil, label: String? = nil
    ) async throws -> BulkLoad {
        let request = BulkOpen(table: table, label: label, schema: schema)
        let (requestID, inbox) = begin { FrameEncoder.encode(request, requestID: $0) }
        let opened = try await inbox.nextMessage(BulkOpened.self)
        return BulkLoad(connection: self, requestID: requestID, inbox: inbox, opened: opened)
    }
}

extension Inbox {
    /// The next frame as a message of type `M`, after any progress; an ERROR is thrown.
    func nextMessage<M: WireMessage>(_ type: M.Type) async throws -> M {
        while let frame = try await next() {
            if let message = try frame.message(type) { return message }
        }
        throw ClientError(.protocolError, "the server's answer ended early")
    }
}

extension Frame {
    /// This frame as a message of type `M`; nil for what may stand between (progress,
    /// throttle). An ERROR frame is thrown.
    func message<M: WireMessage>(_ type: M.Type) throws -> M? {
        do throws(WireError) {
            switch header.kind {
            case .progress, .throttle: return nil
            case .error: break
            default: return try decode(type)
            }
        } catch {
            throw ClientError(error)
        }
        throw try serverError()
    }

    /// What an ERROR frame says.
    func serverError() throws -> ClientError {
        do throws(WireError) {
            return ClientError(try decode(ErrorMessage.self))
        } catch {
            throw ClientError(error)
        }
    }
}
