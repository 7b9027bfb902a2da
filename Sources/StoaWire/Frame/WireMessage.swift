/// A message: the fixed part and the options of a payload, and a short body if it has one.
/// Batches are not part of a message's value on the way out, so that they are copied once.
package protocol WireMessage: Sendable {
    static var kind: FrameKind { get }
    /// Bytes of the fixed part, a multiple of 8.
    static var fixedByteCount: Int { get }
    /// Writes the fixed part, the options and a short body.
    func encode(into writer: inout PayloadWriter)
    /// Reads a payload of this kind; any bytes, never a trap.
    static func decode(_ payload: Payload) throws(WireError) -> Self
}
