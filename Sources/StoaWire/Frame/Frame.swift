package import StoaBase

/// One frame as it arrived: a checked header and the payload, whose checksum has been verified.
package struct Frame: Sendable {
    package let header: FrameHeader
    /// At an address that is a multiple of 64, so that a batch inside needs no copy.
    package let payload: Bytes
    /// Whether the payload is here; false when there was no memory for it.
    package let isKept: Bool

    package init(header: FrameHeader, payload: Bytes, isKept: Bool = true) {
        self.isKept = isKept
        self.header = header
        self.payload = payload
    }
}
