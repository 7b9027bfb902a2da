/// The protocol versions of this build.
package enum ProtocolVersion {
    /// The newest version spoken here.
    package static let current: UInt16 = 1
    /// The oldest version still spoken here.
    package static let oldest: UInt16 = 1
    /// Largest payload before the handshake is over.
    package static let handshakePayloadByteCountLimit: UInt32 = 4_096
    /// Largest payload afterwards, unless a side says otherwise.
    package static let payloadByteCountLimit: UInt32 = 16 << 20
}
