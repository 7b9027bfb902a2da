internal import NIOCore

/// Frames on their way to the socket. Small ones are gathered into one buffer, so that what a
/// client does not read costs its bytes and not an object each.
struct Outbox {
    /// Bytes of answers other than rows from which on the client is not read: it would only ask
    /// for more of what it does not take.
    static let controlByteCountLimit = 8 << 10
    private static let gatheredByteCountLimit = 4 << 10

    private var gathered = ByteBuffer()
    /// Bytes that the socket has not taken: rows of results.
    private(set) var rowByteCount = 0
    /// Bytes that the socket has not taken: everything else.
    private(set) var controlByteCount = 0

    var byteCount: Int { rowByteCount + controlByteCount }

    /// Whether the client leaves more answers unread than it may.
    var isFull: Bool { controlByteCount > Self.controlByteCountLimit }

    /// What has to be written now because `frame` comes: buffers in order, the frame among them
    /// unless it was gathered.
    mutating func add(_ frame: ByteBuffer) -> [ByteBuffer] {
        controlByteCount += frame.readableBytes
        guard gathered.readableBytes + frame.readableBytes > Self.gatheredByteCountLimit else {
            gathered.writeImmutableBuffer(frame)
            return []
        }
        return take() + [frame]
    }

    /// As `add`, for rows of a result.
    mutating func addRows(_ frame: ByteBuffer) -> [ByteBuffer] {
        rowByteCount += frame.readableBytes
        return take()
    }

    /// What was gathered.
    mutating func take() -> [ByteBuffer] {
        guard gathered.readableBytes > 0 else { return [] }
        defer { gathered = ByteBuffer() }
        return [gathered]
    }

    mutating func didSendControl(_ byteCount: Int) { controlByteCount -= byteCount }

    mutating func didSendRows(_ byteCount: Int) { rowByteCount -= byteCount }
}
