package import StoaBase

/// The file `IDENTITY`: which database this is. Written once.
///
///     offset  size  field
///          0     4  magic          "SIDY"
///          4     2  version        1
///          6     2  reserved       0
///          8    16  databaseID     high, low
///         24     8  incarnation
///         32     4  checksum       CRC-32C of bytes 0 ..< 32
package struct IdentityFile: Equatable, Sendable {
    package static let path = "IDENTITY"
    package static let temporaryPath = "IDENTITY.tmp"
    package static let byteCount = 36
    static let magic: UInt32 = 0x5944_4953
    static let version: UInt16 = 1

    package var databaseID: DatabaseID
    package var incarnation: UInt64

    package init(databaseID: DatabaseID, incarnation: UInt64) {
        self.databaseID = databaseID
        self.incarnation = incarnation
    }

    /// The bytes of the whole file.
    package func encode() -> [UInt8] {
        var output = ByteWriter(reservingCapacity: Self.byteCount)
        output.append(Self.magic)
        output.append(Self.version)
        output.append(UInt16(0))
        output.append(databaseID.high)
        output.append(databaseID.low)
        output.append(incarnation)
        output.append(Checksum.crc32c(output.bytes))
        invariant(output.count == Self.byteCount, "the table above is the format")
        return output.bytes
    }

    /// Believes no field before the checksum agrees.
    package static func decode(_ bytes: Bytes) throws(StorageError) -> IdentityFile {
        guard bytes.count == byteCount else { throw corrupt(bytes.count, "the length is another") }
        guard Checksum.crc32c(bytes[0..<32]) == bytes.integer(at: 32, as: UInt32.self) else {
            throw corrupt(32, "the checksum is another")
        }
        guard bytes.integer(at: 0, as: UInt32.self) == magic else {
            throw corrupt(0, "this is no IDENTITY file")
        }
        let found: UInt16 = bytes.integer(at: 4)
        guard found <= version else {
            throw .formatTooNew(path: path, found: UInt32(found), supported: UInt32(version))
        }
        return IdentityFile(
            databaseID: DatabaseID(high: bytes.integer(at: 8), low: bytes.integer(at: 16)),
            incarnation: bytes.integer(at: 24))
    }

    private static func corrupt(_ offset: Int, _ reason: String) -> StorageError {
        .corruptManifest(path: path, byteOffset: offset, reason: reason)
    }
}
