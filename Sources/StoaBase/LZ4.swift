internal import CLZ4

/// Calls of the system's LZ4 library, block format without a frame.
///
/// Source: decision 7 of the design.
package enum LZ4 {
    /// The most bytes `compress` can produce from `byteCount` bytes.
    package static func compressedByteCountLimit(_ byteCount: Int) -> Int {
        Int(LZ4_compressBound(Int32(clamping: byteCount)))
    }

    /// Compresses with LZ4HC (level 9) or the fast level; nil when the result would not be
    /// smaller than the input.
    package static func compress(
        _ input: UnsafeRawBufferPointer, isHighCompression: Bool
    ) -> [UInt8]? {
        guard input.count > 0, input.count <= Int(LZ4_MAX_INPUT_SIZE) else { return nil }
        let source = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var count: Int32 = 0
        let output = [UInt8](unsafeUninitializedCapacity: input.count) { buffer, written in
            buffer.withMemoryRebound(to: CChar.self) { target in
                let capacity = Int32(target.count)
                count =
                    isHighCompression
                    ? LZ4_compress_HC(
                        source, target.baseAddress, Int32(input.count), capacity, 9)
                    : LZ4_compress_default(
                        source, target.baseAddress, Int32(input.count), capacity)
            }
            written = Int(max(count, 0))
        }
        return count > 0 && Int(count) < input.count ? output : nil
    }

    /// Fills `output` exactly; false when `input` is no LZ4 block of that many bytes.
    package static func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard input.count <= Int(Int32.max), output.count <= Int(Int32.max) else { return false }
        guard let source = input.baseAddress, let target = output.baseAddress else {
            return input.isEmpty && output.isEmpty
        }
        let count = LZ4_decompress_safe(
            source.assumingMemoryBound(to: CChar.self),
            target.assumingMemoryBound(to: CChar.self), Int32(input.count), Int32(output.count))
        return Int(count) == output.count
    }
}
