internal import StoaBase
internal import StoaWire
internal import Synchronization

/// Takes a request's answers on the service's threads: writes batches as frames there, and goes
/// to the event loop once per answer.
final class RequestSink: ReplySink {
    private let requestID: UInt32
    private let serial: UInt64
    private let gate: ReplyGate
    private let handler: SessionHandler
    /// What the request holds; the service lets go of the sink when the request is over.
    private let memory: MemoryShare?
    private let batchCount = Atomic<UInt32>(0)

    init(
        requestID: UInt32, serial: UInt64, memory: MemoryShare?, gate: ReplyGate,
        handler: SessionHandler
    ) {
        self.memory = memory
        self.requestID = requestID
        self.serial = serial
        self.gate = gate
        self.handler = handler
    }

    func send(_ reply: Reply) {
        let answer = encode(reply)
        gate.execute { [handler, requestID, serial] in
            handler.replied(requestID, serial: serial, answer)
        }
    }

    private func encode(_ reply: Reply) -> Session.Answer {
        guard case .batch(let bytes) = reply else { return .other(reply) }
        let index = batchCount.add(1, ordering: .relaxed).oldValue
        return .batch(
            FrameEncoder.encode(
                ResultBatch(batchIndex: index), requestID: requestID, batch: bytes))
    }
}
