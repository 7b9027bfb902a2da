package import NIOCore
internal import StoaBase
internal import StoaModel
package import StoaWire

/// What the answers of the service mean.
extension Session {
    /// An answer as the sink hands it over: batches are encoded on the service's thread.
    package enum Answer: Sendable {
        case batch(ByteBuffer)
        case other(Reply)
    }

    /// The service answered the request that was started with `serial`.
    package mutating func replied(
        _ requestID: UInt32, serial: UInt64, _ answer: Answer
    ) -> [Action] {
        guard let request = running[requestID], request.serial == serial else { return [] }
        switch answer {
        case .batch(let frame):
            guard clientTakes(payloadByteCount: frame.readableBytes - FrameHeader.byteCount) else {
                return failRequest(
                    requestID,
                    ServiceError(
                        .frameTooLarge, "a row of the result is larger than the client takes"))
            }
            if case .result(var flow) = request.flow {
                flow.didSend(byteCount: frame.readableBytes - FrameHeader.byteCount)
                update(requestID, .result(flow))
            }
            return [.sendBatch(requestID, serial: serial, frame)]
        case .other(let reply):
            return pass(requestID, request, reply)
        }
    }

    /// The socket took a batch of that many bytes.
    package mutating func flushed(_ requestID: UInt32, serial: UInt64, byteCount: Int) -> [Action] {
        guard let request = running[requestID], request.serial == serial,
            case .result(var flow) = request.flow
        else { return [] }
        flow.didFlush(byteCount: byteCount)
        return grant(requestID, flow)
    }

    private mutating func pass(
        _ requestID: UInt32, _ request: Running, _ reply: Reply
    ) -> [Action] {
        func send(_ message: some WireMessage) -> [Action] {
            [.send(FrameEncoder.encode(message, requestID: requestID))]
        }
        switch reply {
        case .batch(let bytes):
            invariant(bytes.isEmpty, "the sink encodes batches")
            return []
        case .end(let end): return finish(requestID, send(end))
        case .ingested(let ack): return finish(requestID, send(ack))
        case .bulkCommitted(let committed): return finish(requestID, send(committed))
        case .bulkAborted: return finish(requestID, send(BulkAborted()))
        case .error(let error): return finish(requestID, send(ErrorMessage(error)))
        case .progress(let progress): return send(progress)
        case .throttle(let throttle): return send(throttle)
        case .bulkOpened(let schema):
            guard case .bulk(var flow) = request.flow else { return [] }
            flow.didOpen()
            update(requestID, .bulk(flow))
            return send(BulkOpened(initialCredit: UInt32(clamping: flow.credit), schema: schema))
        case .bulkAccepted(let rowCount):
            guard case .bulk(var flow) = request.flow else { return [] }
            let credit = flow.didAccept()
            update(requestID, .bulk(flow))
            return send(BulkAccepted(credit: UInt32(clamping: credit), rowCount: rowCount))
        }
    }

    private mutating func finish(_ requestID: UInt32, _ frames: [Action]) -> [Action] {
        end(requestID)
        return frames + [.forget(requestID)] + closeIfDone()
    }
}
