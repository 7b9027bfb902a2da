package import StoaBase

/// One frame as it arrived: a checked header and the payload, whose checksum has been verified.
package struct Frame: Sendable {
    package let header: FrameHeader
    /// At an address that is a multiple of 64, so that a batch inside needs no copy.
    package let payload: Bytes

    package init(header: FrameHeader, payload: Bytes) {
        self.header = header
        self.payload = payload
    }
}
