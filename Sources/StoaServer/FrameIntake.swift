internal import NIOCore
internal import StoaBase
internal import StoaModel
internal import StoaWire

/// What has come from a client and is not a request yet: bytes, an unfinished frame, and at most
/// one whole frame that waits for the memory its request takes. Only as much as one read brings is
/// ever held beyond that.
struct FrameIntake {
    /// What the next step of the input is.
    enum Step {
        /// A frame, and what its request may hold until its last answer.
        case frame(Frame, MemoryShare)
        /// Everything that came is used up.
        case needsInput
        /// Nothing goes on before somebody gives memory back.
        case needsMemory
    }

    private let memory: MemoryBudget
    private var decoder: FrameDecoder
    private var input = ByteBuffer()
    private var held: Frame?
    /// When the unfinished frame began, while there is one.
    private var frameStart: NIODeadline?

    init(memory: MemoryBudget) {
        self.memory = memory
        decoder = FrameDecoder(
            payloadByteCountLimit: ProtocolVersion.handshakePayloadByteCountLimit,
            detectsForeignProtocols: true, budget: memory)
    }

    /// Whether bytes have come that are not used up.
    var hasInput: Bool { held != nil || input.readableBytes > 0 }

    /// Whether a frame has begun and is not whole.
    var isInFrame: Bool { frameStart != nil }

    /// The handshake is over: larger frames are taken now.
    mutating func raiseFrameLimit(to limit: UInt32) { decoder.payloadByteCountLimit = limit }

    mutating func add(_ bytes: ByteBuffer) {
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// Drops everything: nothing more is read from this client.
    mutating func clear() {
        input = ByteBuffer()
        held = nil
        frameStart = nil
        decoder.letPass()
    }

    /// Takes the input one step further.
    mutating func next(at now: NIODeadline) throws(WireError) -> Step {
        if held == nil {
            held = try decoder.decode(&input)
            frameStart = decoder.isAtFrameBoundary ? nil : frameStart ?? now
        }
        guard let frame = held else {
            if decoder.needsMemory { return .needsMemory }
            // An empty buffer would keep the memory of the last read.
            input = ByteBuffer()
            return .needsInput
        }
        let share = MemoryShare(of: memory)
        do {
            try share.grow(by: Self.requestByteCount(frame))
        } catch {
            return .needsMemory
        }
        held = nil
        return .frame(frame, share)
    }

    /// What a frame's request takes beside its payload until its last answer: a statement is
    /// copied twice, as it came and as it runs, and every request has its books.
    private static func requestByteCount(_ frame: Frame) -> Int {
        let books = 4 << 10
        switch frame.header.kind {
        case .query, .aggregate, .bulkOpen: return books + 3 * frame.payload.count
        case .ingest: return books
        default: return 0
        }
    }

    // MARK: Under pressure

    /// The header of the whole frame that waits for memory, which is given up.
    mutating func refuseHeld() -> FrameHeader? {
        defer { held = nil }
        return held?.header
    }

    /// Bytes a second of the unfinished frame since it began; nil when it holds nothing that
    /// others could use, or is too young to tell.
    func pace(at now: NIODeadline, minimumAge: TimeAmount) -> Int? {
        let worth = ConnectionMemory.guaranteedRequestByteCount / 4
        guard let frameStart, decoder.holdsMemory, decoder.receivedByteCount > worth,
            now - frameStart >= minimumAge
        else {
            return nil
        }
        let milliseconds = max(1, (now - frameStart).nanoseconds / 1_000_000)
        return decoder.receivedByteCount * 1_000 / Int(milliseconds)
    }

    /// Gives up the unfinished frame: its rest is read and forgotten.
    mutating func letPass() { decoder.letPass() }

    /// Lets the unfinished frame begin now, as far as its time is concerned.
    mutating func restartClock(at now: NIODeadline) { if frameStart != nil { frameStart = now } }

    /// Whether the unfinished frame takes longer than `limit` and a second for each 64 KiB of it.
    func isLate(at now: NIODeadline, limit: TimeAmount) -> Bool {
        guard let frameStart else { return false }
        let granted = TimeAmount.seconds(Int64(decoder.receivedByteCount >> 16))
        return now - frameStart > limit + granted
    }
}
