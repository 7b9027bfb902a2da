internal import StoaBase
internal import StoaModel

/// Buffers of a batch's size that queries take and give back, so that a small query allocates
/// nothing. One pool per database; what a query holds counts in its budget.
final class ScratchPool: @unchecked Sendable {
    // SAFETY: the lists are touched only while `lock` is held; a buffer has one user at a time.
    /// Bytes of one buffer: a batch of 128-bit numbers.
    static let bufferByteCount = Limits.batchRows * 16 + 64
    /// Bytes that one `VectorScratch` holds, about.
    static let vectorByteCount = Limits.batchRows * 21
    /// Buffers of each kind kept while nobody uses them.
    private static let keptCountLimit = 128
    private let lock = Lock()
    private var buffers: [UnsafeMutableRawPointer] = []
    private var vectors: [VectorScratch] = []

    deinit { for buffer in buffers { buffer.deallocate() } }

    func takeBuffer() -> UnsafeMutableRawPointer {
        if let buffer = lock.withLock({ buffers.popLast() }) { return buffer }
        let buffer = UnsafeMutableRawPointer.allocate(
            byteCount: Self.bufferByteCount, alignment: 64)
        buffer.initializeMemory(as: UInt8.self, repeating: 0, count: Self.bufferByteCount)
        return buffer
    }

    func give(back buffer: UnsafeMutableRawPointer) {
        let isKept = lock.withLock { () -> Bool in
            guard buffers.count < Self.keptCountLimit else { return false }
            buffers.append(buffer)
            return true
        }
        if !isKept { buffer.deallocate() }
    }

    /// Gives back what nobody uses.
    func trim() {
        let kept = lock.withLock { () -> ([UnsafeMutableRawPointer], [VectorScratch]) in
            defer { (buffers, vectors) = ([], []) }
            return (buffers, vectors)
        }
        for buffer in kept.0 { buffer.deallocate() }
    }

    func takeVector() -> VectorScratch {
        lock.withLock { vectors.popLast() } ?? VectorScratch()
    }

    func give(back vector: VectorScratch) {
        vector.owner = nil
        lock.withLock {
            if vectors.count < Self.keptCountLimit { vectors.append(vector) }
        }
    }
}
