package import NIOCore
internal import StoaBase

/// Cuts the byte stream into frames; knows lengths and checksums, not meanings.
///
/// A length is checked against the limit before a byte is kept for it. A payload is copied once,
/// from the socket's buffer to its own aligned memory, and summed while it is in the cache.
package struct FrameDecoder {
    /// Largest payload taken: small until the handshake is over.
    package var payloadByteCountLimit: UInt32
    /// Whether the next frame is the first of the connection, where another protocol may show.
    private var isFirstFrame: Bool
    private var headerBytes: [UInt8] = []
    private var header: FrameHeader?
    private var memory: PayloadMemory?
    private var receivedByteCount = 0
    private var checksum: UInt32 = 0

    /// A decoder for one direction of one connection.
    package init(payloadByteCountLimit: UInt32, detectsForeignProtocols: Bool) {
        self.payloadByteCountLimit = payloadByteCountLimit
        isFirstFrame = detectsForeignProtocols
        headerBytes.reserveCapacity(FrameHeader.byteCount)
    }

    /// Whether the stream stands between two frames.
    package var isAtFrameBoundary: Bool { headerBytes.isEmpty && header == nil }

    /// Takes bytes until one frame is whole; nil when `input` is used up first.
    package mutating func decode(_ input: inout ByteBuffer) throws(WireError) -> Frame? {
        guard let header = try nextHeader(&input) else { return nil }
        let byteCount = Int(header.payloadByteCount)
        let memory = memory ?? PayloadMemory(byteCount: byteCount)
        self.memory = memory
        let wanted = min(byteCount - receivedByteCount, input.readableBytes)
        if wanted > 0 { take(wanted, from: &input, into: memory, isSummed: header.hasChecksum) }
        guard receivedByteCount == byteCount else { return nil }
        let computed = checksum
        reset()
        guard !header.hasChecksum || computed == header.payloadChecksum else {
            throw .checksumMismatch
        }
        return Frame(header: header, payload: memory.bytes)
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
        _ byteCount: Int, from input: inout ByteBuffer, into memory: PayloadMemory, isSummed: Bool
    ) {
        let target = memory.address + receivedByteCount
        input.withUnsafeReadableBytes { source in
            guard let address = source.baseAddress else { return }
            target.copyMemory(from: address, byteCount: byteCount)
        }
        input.moveReaderIndex(forwardBy: byteCount)
        if isSummed {
            checksum = Checksum.crc32c(
                UnsafeRawBufferPointer(start: target, count: byteCount), continuing: checksum)
        }
        receivedByteCount += byteCount
    }

    private mutating func reset() {
        headerBytes.removeAll(keepingCapacity: true)
        header = nil
        memory = nil
        receivedByteCount = 0
        checksum = 0
    }
}
