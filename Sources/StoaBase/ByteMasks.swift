internal import CStoa

/// Where bytes of some kinds stand, as bit masks; 64 bytes at a time.
package enum ByteMasks {
    /// Masks of one block of 64 bytes.
    package static let masksPerBlock = 4

    /// Writes four masks for each of `blockCount` blocks of 64 readable bytes: bit i of mask k
    /// says that byte i of the block is byte k of `kinds`.
    package static func find(
        _ kinds: (UInt8, UInt8, UInt8, UInt8), in text: UnsafeRawPointer, blockCount: Int,
        into masks: UnsafeMutablePointer<UInt64>
    ) {
        withUnsafeBytes(of: kinds) { bytes in
            stoa_byte_masks(
                text, blockCount, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, masks)
        }
    }

    /// Writes a mask for each of `wordCount` blocks of 64 readable bytes: bit i says that byte i
    /// of the block is not zero.
    package static func nonZero(
        _ flags: UnsafeRawPointer, wordCount: Int, into words: UnsafeMutablePointer<UInt64>
    ) {
        stoa_flag_bits(flags, wordCount, words)
    }
}
