internal import StoaBase
internal import StoaModel
internal import StoaWire

/// What the frames of a client mean once it has been greeted.
extension Session {
    mutating func receivedRequest(_ frame: Frame) throws(WireError) -> [Action] {
        guard let kind = frame.header.kind else { throw .unknownKind(frame.header.rawKind) }
        let requestID = frame.header.requestID
        switch kind {
        case .query:
            let query = try frame.decode(QueryRequest.self)
            return try beginResult(requestID, credit: query.initialCredit) { credit in
                var request = query
                request.initialCredit = credit
                return .query(request)
            }
        case .aggregate:
            let aggregate = try frame.decode(AggregateRequest.self)
            return try beginResult(requestID, credit: aggregate.initialCredit) { credit in
                var request = aggregate
                request.initialCredit = credit
                return .aggregate(request)
            }
        case .ingest:
            let ingest = try frame.decode(IngestRequest.self)
            if let refusal = try refusal(of: requestID) { return refusal }
            return begin(requestID, .ingest(byteCount: frame.payload.count), .ingest(ingest))
        case .bulkOpen:
            let open = try frame.decode(BulkOpen.self)
            if let refusal = try refusal(of: requestID) { return refusal }
            let flow = BulkFlow(window: options.bulkWindowByteCount)
            return begin(requestID, .bulk(flow), .bulkOpen(open))
        case .bulkBatch, .bulkCommit, .bulkAbort:
            return try receivedBulk(frame, kind)
        case .cancel, .credit, .ping, .pong, .goodbye:
            return try receivedControl(frame, kind)
        case .hello, .welcome, .error, .progress, .throttle, .resultBatch, .resultEnd, .ingestAck,
            .bulkOpened, .bulkAccepted, .bulkCommitted, .bulkAborted:
            throw .unexpectedKind(kind)
        }
    }

    private mutating func beginResult(
        _ requestID: UInt32, credit: UInt32, _ request: (UInt32) -> Request
    ) throws(WireError) -> [Action] {
        if let refusal = try refusal(of: requestID) { return refusal }
        var flow = ResultFlow(initialCredit: credit)
        let granted = grant(&flow, window: resultWindow(addedCount: 1))
        return begin(requestID, .result(flow), request(UInt32(clamping: granted)))
    }

    /// The answer to a request that cannot begin now; nil when it can.
    private mutating func refusal(of requestID: UInt32) throws(WireError) -> [Action]? {
        guard requestID != 0 else { throw .badField("requestID") }
        guard running[requestID] == nil else {
            return failConnection(
                ServiceError(
                    .protocolError, "request id \(requestID) is in use by a running request"))
        }
        guard phase == .open else {
            return failRequest(
                requestID,
                ServiceError(
                    .shuttingDown,
                    isDraining
                        ? "The daemon is stopping." : "This connection takes no new requests.",
                    hint: isDraining ? "Nothing was done; send it again after a restart." : nil))
        }
        guard running.count < options.requestLimit else {
            return failRequest(
                requestID,
                ServiceError(
                    .overloaded, "the connection has its limit of \(options.requestLimit) requests",
                    retryAfterMilliseconds: 100))
        }
        return nil
    }

    /// The part of the connection's window that each of its running results may fill.
    func resultWindow(addedCount: Int = 0) -> Int {
        let count = max(1, running.count + addedCount)
        return max(65_536, options.resultWindowByteCount / count)
    }

    private mutating func receivedBulk(
        _ frame: Frame, _ kind: FrameKind
    ) throws(WireError) -> [Action] {
        let requestID = frame.header.requestID
        guard case .bulk(var flow) = running[requestID]?.flow else {
            // Batches behind the one that failed the load are already on their way.
            if kind == .bulkBatch, running[requestID] == nil { return [] }
            return failRequest(
                requestID, ServiceError(.unknownRequest, "no bulk load has this request id"))
        }
        switch kind {
        case .bulkBatch:
            let batch = try frame.decode(BulkBatch.self).batch
            guard flow.takesBatch else {
                return failRequest(
                    requestID,
                    ServiceError(
                        .protocolError, "a batch came without credit for it"))
            }
            flow.received(payloadByteCount: frame.payload.count)
            update(requestID, .bulk(flow))
            return [.appendBulk(requestID, batch)]
        case .bulkCommit:
            let commit = try frame.decode(BulkCommit.self)
            guard flow.takesCommit else {
                return failRequest(
                    requestID,
                    ServiceError(
                        .protocolError, "the bulk load is not open for a commit"))
            }
            flow.receivedCommit()
            update(requestID, .bulk(flow))
            return [.commitBulk(requestID, rowCount: commit.rowCount)]
        case .bulkAbort:
            _ = try frame.decode(BulkAbort.self)
            return [.abortBulk(requestID)]
        case .hello, .welcome, .ping, .pong, .goodbye, .error, .cancel, .credit, .progress,
            .throttle, .query, .resultBatch, .resultEnd, .aggregate, .ingest, .ingestAck,
            .bulkOpen, .bulkOpened, .bulkAccepted, .bulkCommitted, .bulkAborted:
            throw .unexpectedKind(kind)
        }
    }

    private mutating func receivedControl(
        _ frame: Frame, _ kind: FrameKind
    ) throws(WireError) -> [Action] {
        let requestID = frame.header.requestID
        switch kind {
        case .cancel:
            _ = try frame.decode(Cancel.self)
            return running[requestID] == nil ? [] : [.cancel(requestID)]
        case .credit:
            let credit = try frame.decode(Credit.self)
            guard case .result(var flow) = running[requestID]?.flow else { return [] }
            flow.received(credit: credit.byteCount)
            return grant(requestID, flow)
        case .ping:
            let pong = Pong(
                body: try frame.decode(Ping.self).body,
                writeRefusal: options.writeRefusal().map { Pong.WriteRefusal($0) })
            return [.send(FrameEncoder.encode(pong, requestID: requestID))]
        case .pong:
            return []
        case .goodbye:
            return clientLeaves()
        case .hello, .welcome, .error, .progress, .throttle, .query, .resultBatch, .resultEnd,
            .aggregate, .ingest, .ingestAck, .bulkOpen, .bulkOpened, .bulkBatch, .bulkAccepted,
            .bulkCommit, .bulkCommitted, .bulkAbort, .bulkAborted:
            throw .unexpectedKind(kind)
        }
    }

    /// Stores a result's flow, and passes on what it may send now.
    mutating func grant(_ requestID: UInt32, _ flow: ResultFlow) -> [Action] {
        var flow = flow
        let granted = grant(&flow, window: resultWindow())
        update(requestID, .result(flow))
        return granted == 0 ? [] : [.addCredit(requestID, granted)]
    }
}
