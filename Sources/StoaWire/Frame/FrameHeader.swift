internal import StoaBase

/// The 16 bytes in front of every payload, little-endian.
///
///     offset  size  field
///          0     4  payloadByteCount  bytes that follow the header
///          4     1  kind              FrameKind
///          5     1  flags             bit 0: the payload is not checksummed; others 0
///          6     2  zero              0
///          8     4  requestID         chosen by the client, not 0; 0 is the connection itself
///         12     4  payloadCRC        CRC-32C of the payload; 0 with flag bit 0
package struct FrameHeader: Equatable, Sendable {
    package static let byteCount = 16
    static let uncheckedFlag: UInt8 = 1

    package var payloadByteCount: UInt32
    /// A `FrameKind`, or a number of a later version.
    package var rawKind: UInt8
    package var flags: UInt8
    package var requestID: UInt32
    package var payloadChecksum: UInt32

    package init(
        payloadByteCount: UInt32, rawKind: UInt8, flags: UInt8 = 0, requestID: UInt32,
        payloadChecksum: UInt32
    ) {
        self.payloadByteCount = payloadByteCount
        self.rawKind = rawKind
        self.flags = flags
        self.requestID = requestID
        self.payloadChecksum = payloadChecksum
    }

    /// What the kind means; nil for a number this version does not know.
    package var kind: FrameKind? { FrameKind(rawValue: rawKind) }

    /// Whether the payload has a checksum. A client without a fast CRC-32C may leave it out.
    package var hasChecksum: Bool { flags & Self.uncheckedFlag == 0 }

    /// The 16 bytes.
    package func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: Self.byteCount)
        writer.append(payloadByteCount)
        writer.append(rawKind)
        writer.append(flags)
        writer.append(UInt16(0))
        writer.append(requestID)
        writer.append(payloadChecksum)
        return writer.bytes
    }

    /// Reads a header from exactly 16 bytes and checks everything but the length.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> FrameHeader {
        invariant(bytes.count == byteCount, "the decoder gathers whole headers")
        func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: T.Type) -> T {
            bytes.withUnsafeBytes {
                T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self))
            }
        }
        let flags = bytes[5]
        guard flags & ~uncheckedFlag == 0, load(6, UInt16.self) == 0 else {
            throw .badHeader
        }
        return FrameHeader(
            payloadByteCount: load(0, UInt32.self), rawKind: bytes[4], flags: flags,
            requestID: load(8, UInt32.self), payloadChecksum: load(12, UInt32.self))
    }
}
