internal import CStoa

/// The one checksum of every file and frame: CRC-32C (Castagnoli), as in RFC 3720.
///
/// Source: decision 6 of the design; the processor computes eight bytes per instruction.
package enum Checksum {
    /// The sum of `bytes`, continuing from the sum of what came before them.
    package static func crc32c(
        _ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0
    ) -> UInt32 {
        stoa_crc32c(previous, bytes.baseAddress, bytes.count)
    }

    /// The sum of the bytes of `view`.
    package static func crc32c(_ view: Bytes) -> UInt32 {
        view.withUnsafeBytes { crc32c($0) }
    }

    /// The sum of an array's bytes.
    package static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { crc32c($0) }
    }
}
