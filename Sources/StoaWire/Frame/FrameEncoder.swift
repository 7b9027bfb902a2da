package import NIOCore
internal import StoaBase

/// Writes messages as frames, each into one buffer of its exact size.
package enum FrameEncoder {
    /// The frame of `message`.
    package static func encode(_ message: some WireMessage, requestID: UInt32) -> ByteBuffer {
        var writer = PayloadWriter()
        message.encode(into: &writer)
        let body = writer.body
        return body.withUnsafeBytes {
            assemble(kind: type(of: message).kind, requestID: requestID, writer, body: $0)
        }
    }

    /// The frame of `message` with `batch` for its body, copied once.
    package static func encode(
        _ message: some WireMessage, requestID: UInt32, batch: [UInt8]
    ) -> ByteBuffer {
        var writer = PayloadWriter()
        message.encode(into: &writer)
        return batch.withUnsafeBytes {
            assemble(kind: type(of: message).kind, requestID: requestID, writer, body: $0)
        }
    }

    private static func assemble(
        kind: FrameKind, requestID: UInt32, _ writer: PayloadWriter, body: UnsafeRawBufferPointer
    ) -> ByteBuffer {
        let prefix = writer.prefix
        let payloadByteCount = prefix.count + body.count
        invariant(payloadByteCount <= UInt32.max, "a payload's length fits its field")
        let checksum = Checksum.crc32c(body, continuing: Checksum.crc32c(prefix))
        let header = FrameHeader(
            payloadByteCount: UInt32(payloadByteCount), rawKind: kind.rawValue,
            requestID: requestID, payloadChecksum: checksum)
        var buffer = ByteBufferAllocator().buffer(
            capacity: FrameHeader.byteCount + payloadByteCount)
        buffer.writeBytes(header.encode())
        buffer.writeBytes(prefix)
        buffer.writeBytes(body)
        return buffer
    }
}
