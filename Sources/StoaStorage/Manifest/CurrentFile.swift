package import StoaBase

/// The file `CURRENT`: which manifest holds. Replaced whole, by rename.
///
///     offset  size  field
///          0     4  magic              "SCUR"
///          4     2  version            1
///          6     2  reserved           0
///          8     8  generation
///         16     8  manifestByteCount
///         24     4  manifestChecksum   the last 4 bytes of the manifest
///         28     4  checksum           CRC-32C of bytes 0 ..< 28
package struct CurrentFile: Equatable, Sendable {
    package static let path = "CURRENT"
    package static let temporaryPath = "CURRENT.tmp"
    package static let byteCount = 32
    static let magic: UInt32 = 0x5255_4353
    static let version: UInt16 = 1

    package var generation: UInt64
    package var manifestByteCount: UInt64
    package var manifestChecksum: UInt32

    package init(generation: UInt64, manifestByteCount: UInt64, manifestChecksum: UInt32) {
        self.generation = generation
        self.manifestByteCount = manifestByteCount
        self.manifestChecksum = manifestChecksum
    }

    /// The bytes of the whole file.
    package func encode() -> [UInt8] {
        var output = ByteWriter(reservingCapacity: Self.byteCount)
        output.append(Self.magic)
        output.append(Self.version)
        output.append(UInt16(0))
        output.append(generation)
        output.append(manifestByteCount)
        output.append(manifestChecksum)
        output.append(Checksum.crc32c(output.bytes))
        invariant(output.count == Self.byteCount, "the table above is the format")
        return output.bytes
    }

    /// Believes no field before the checksum agrees.
    package static func decode(_ bytes: Bytes) throws(StorageError) -> CurrentFile {
        guard bytes.count == byteCount else { throw corrupt(bytes.count, "the length is another") }
        guard Checksum.crc32c(bytes[0..<28]) == bytes.integer(at: 28, as: UInt32.self) else {
            throw corrupt(28, "the checksum is another")
        }
        guard bytes.integer(at: 0, as: UInt32.self) == magic else {
            throw corrupt(0, "this is no CURRENT file")
        }
        let found: UInt16 = bytes.integer(at: 4)
        guard found <= version else {
            throw .formatTooNew(path: path, found: UInt32(found), supported: UInt32(version))
        }
        return CurrentFile(
            generation: bytes.integer(at: 8), manifestByteCount: bytes.integer(at: 16),
            manifestChecksum: bytes.integer(at: 24))
    }

    private static func corrupt(_ offset: Int, _ reason: String) -> StorageError {
        .corruptManifest(path: path, byteOffset: offset, reason: reason)
    }
}
