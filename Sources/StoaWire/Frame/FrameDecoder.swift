package import NIOCore
package import StoaBase

/// Cuts the byte stream into frames; knows lengths and checksums, not meanings.
///
/// A length is checked against the limit before a byte is kept for it. A payload is copied from
/// the socket's buffer to its own aligned memory, which grows as bytes arrive and is reserved from
/// `budget`, and summed while it is in the cache. Where there is no memory the decoder stands
/// still until it is asked again, or told to let the payload pass.
package struct FrameDecoder {
    /// Largest payload taken: small until the handshake is over.
    package var payloadByteCountLimit: UInt32
    /// Where payloads are reserved from; nil: nowhere.
    private let budget: MemoryBudget?
    /// Whether the next frame is the first of the connection, where another protocol may show.
    private var isFirstFrame: Bool
    private var headerBytes: [UInt8] = []
    private var header: FrameHeader?
    private var memory: PayloadMemory?
    /// Bytes of the payload that have come.
    package private(set) var receivedByteCount = 0
    /// Whether the payload is let pass without being kept.
    private var isPassing = false
    /// Whether the last `decode` ended because there was no memory, not because there was no input.
    package private(set) var needsMemory = false
    private var checksum: UInt32 = 0

    /// A decoder for one direction of one connection.
    package init(
        payloadByteCountLimit: UInt32, detectsForeignProtocols: Bool, budget: MemoryBudget? = nil
    ) {
        self.budget = budget
        self.payloadByteCountLimit = payloadByteCountLimit
        isFirstFrame = detectsForeignProtocols
        headerBytes.reserveCapacity(FrameHeader.byteCount)
    }

    /// Whether the stream stands between two frames.
    package var isAtFrameBoundary: Bool { headerBytes.isEmpty && header == nil }

    /// Whether a payload has begun and is not whole yet.
    package var isInPayload: Bool { header != nil }

    /// Whether the unfinished payload holds memory.
    package var holdsMemory: Bool { memory != nil }

    /// Takes bytes until one frame is whole; nil when `input` is used up first, or when there is
    /// no memory for what it holds (`needsMemory`): then the same call may be made again.
    package mutating func decode(_ input: inout ByteBuffer) throws(WireError) -> Frame? {
        needsMemory = false
        guard let header = try nextHeader(&input) else { return nil }
        let byteCount = Int(header.payloadByteCount)
        if isPassing { return pass(header, &input) }
        // A header alone holds nothing.
        if byteCount > 0, memory == nil, input.readableBytes == 0 { return nil }
        let first =
            memory
            ?? PayloadMemory(
                byteCount: byteCount, arrivingByteCount: input.readableBytes, budget: budget)
        guard let memory = first else {
            needsMemory = true
            return nil
        }
        self.memory = memory
        while receivedByteCount < byteCount, input.readableBytes > 0 {
            let arriving = min(input.readableBytes, byteCount - receivedByteCount)
            guard let room = memory.room(at: receivedByteCount, arrivingByteCount: arriving) else {
                needsMemory = true
                return nil
            }
            take(from: &input, into: room, isSummed: header.hasChecksum)
        }
        guard receivedByteCount == byteCount else { return nil }
        let computed = checksum
        reset()
        guard !header.hasChecksum || computed == header.payloadChecksum else {
            throw .checksumMismatch
        }
        return Frame(header: header, payload: memory.bytes)
    }

    /// Gives up what came of the unfinished payload: the rest is read and forgotten, and the frame
    /// comes out empty, marked as not kept.
    package mutating func letPass() {
        guard isInPayload else { return }
        isPassing = true
        memory = nil
    }

    private mutating func pass(_ header: FrameHeader, _ input: inout ByteBuffer) -> Frame? {
        let wanted = min(Int(header.payloadByteCount) - receivedByteCount, input.readableBytes)
        input.moveReaderIndex(forwardBy: wanted)
        receivedByteCount += wanted
        guard receivedByteCount == Int(header.payloadByteCount) else { return nil }
        reset()
        return Frame(header: header, payload: .empty, isKept: false)
    }

    private mutating func nextHeader(_ input: inout ByteBuffer) throws(WireError) -> FrameHeader? {
        if let header { return header }
        let missing = FrameHeader.byteCount - headerBytes.count
        let wanted = min(missing, input.readableBytes)
        headerBytes.append(contentsOf: input.readableBytesView.prefix(wanted))
        input.moveReaderIndex(forwardBy: wanted)
        try checkLength()
        guard headerBytes.count == FrameHeader.byteCount else { return nil }
        let decoded = try FrameHeader.decode(headerBytes)
        isFirstFrame = false
        header = decoded
        return decoded
    }

    /// The length alone decides as soon as it is there: four bytes are enough to refuse.
    private func checkLength() throws(WireError) {
        guard headerBytes.count >= 4 else { return }
        let byteCount = headerBytes.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))
        }
        guard byteCount > payloadByteCountLimit else { return }
        if isFirstFrame { throw .foreignProtocol(ForeignProtocol(firstWord: byteCount)) }
        throw .frameTooLarge(byteCount: byteCount, byteCountLimit: payloadByteCountLimit)
    }

    private mutating func take(
        from input: inout ByteBuffer, into room: UnsafeMutableRawBufferPointer, isSummed: Bool
    ) {
        let byteCount = min(room.count, input.readableBytes)
        input.withUnsafeReadableBytes { source in
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<byteCount]))
        }
        input.moveReaderIndex(forwardBy: byteCount)
        if isSummed {
            checksum = Checksum.crc32c(
                UnsafeRawBufferPointer(rebasing: room[..<byteCount]), continuing: checksum)
        }
        receivedByteCount += byteCount
    }

    private mutating func reset() {
        headerBytes.removeAll(keepingCapacity: true)
        header = nil
        memory = nil
        receivedByteCount = 0
        isPassing = false
        checksum = 0
    }
}
