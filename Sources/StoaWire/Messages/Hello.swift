/// The first frame of a connection, from the client, request 0.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  magic                  "STOA"
///          8     2  minimumVersion         lowest protocol version the client speaks
///         10     2  maximumVersion         highest
///         12     4  reserved
///         16     8  features               Features the client knows
///         24     4  payloadByteCountLimit  largest payload the client takes, at least 65,536
///         28     4  reserved
///     options: CLIENT_NAME
package struct Hello: WireMessage, Equatable {
    package static let kind = FrameKind.hello
    package static let fixedByteCount = 32
    /// "STOA" as a little-endian number.
    static let magic: UInt32 = 0x414F_5453
    /// A peer that takes less could not receive the smallest useful batch.
    static let smallestPayloadLimit: UInt32 = 65_536

    package var minimumVersion: UInt16
    package var maximumVersion: UInt16
    package var features: Features
    package var payloadByteCountLimit: UInt32
    /// Program and version, for logs: `stoa-python/1`. At most 128 bytes.
    package var clientName: String

    package init(
        minimumVersion: UInt16 = ProtocolVersion.current,
        maximumVersion: UInt16 = ProtocolVersion.current, features: Features = .version1,
        payloadByteCountLimit: UInt32, clientName: String
    ) {
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.features = features
        self.payloadByteCountLimit = payloadByteCountLimit
        self.clientName = clientName
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(Self.magic)
        writer.append(minimumVersion)
        writer.append(maximumVersion)
        writer.append(UInt32(0))
        writer.append(features.rawValue)
        writer.append(payloadByteCountLimit)
        writer.append(UInt32(0))
        if !clientName.isEmpty { writer.appendOption(.clientName, text: clientName) }
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Hello {
        guard payload.integer(at: 4, as: UInt32.self) == magic else { throw .badField("magic") }
        let name = try payload.text(.clientName) ?? ""
        guard name.utf8.count <= 128 else { throw .badField("CLIENT_NAME") }
        let hello = Hello(
            minimumVersion: payload.integer(at: 8), maximumVersion: payload.integer(at: 10),
            features: Features(rawValue: payload.integer(at: 16)),
            payloadByteCountLimit: payload.integer(at: 24), clientName: name)
        guard hello.minimumVersion <= hello.maximumVersion else {
            throw .badField("minimumVersion")
        }
        guard hello.payloadByteCountLimit >= smallestPayloadLimit else {
            throw .badField("payloadByteCountLimit")
        }
        return hello
    }

    /// The version both sides speak: the highest of the client's that is not above ours.
    package func negotiatedVersion() throws(WireError) -> UInt16 {
        let version = min(maximumVersion, ProtocolVersion.current)
        guard version >= minimumVersion, version >= ProtocolVersion.oldest else {
            throw .versionMismatch(minimum: minimumVersion, maximum: maximumVersion)
        }
        return version
    }
}
