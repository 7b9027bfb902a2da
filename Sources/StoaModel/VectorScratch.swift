internal import StoaBase

/// Memory of one reader that vectors point into; reused from read to read, never shared between
/// threads.
package final class VectorScratch {
    /// 4,096 numbers of the widest lane, 64-byte aligned.
    package let values: UnsafeMutableRawPointer
    /// A second buffer of the same size, for decoders of two steps.
    package let auxiliary: UnsafeMutableRawPointer
    /// A bit per row.
    package let validity: UnsafeMutablePointer<UInt64>
    /// Offsets of `4,096 + 1` strings.
    package let offsets: UnsafeMutablePointer<UInt32>
    /// Holds what the current vector points into besides these buffers (decompressed bytes).
    package var owner: AnyObject?

    package init() {
        let byteCount = Limits.batchRows * 8 + 64
        values = .allocate(byteCount: byteCount, alignment: 64)
        auxiliary = .allocate(byteCount: byteCount, alignment: 64)
        validity = .allocate(capacity: Limits.batchRows / 64 + 1)
        offsets = .allocate(capacity: Limits.batchRows + 16)
        values.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        auxiliary.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        validity.initialize(repeating: 0, count: Limits.batchRows / 64 + 1)
        offsets.initialize(repeating: 0, count: Limits.batchRows + 16)
    }

    deinit {
        values.deallocate()
        auxiliary.deallocate()
        validity.deallocate()
        offsets.deallocate()
    }
}
