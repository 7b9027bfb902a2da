package import StoaBase

/// Bytes of texts one behind the other, counted in a budget; kept from batch to batch.
package final class TextBuffer {
    private var storage: GrowingBuffer<UInt8>
    let budget: MemoryBudget
    /// Bytes written.
    package private(set) var count = 0

    package init(budget: MemoryBudget) {
        self.budget = budget
        storage = GrowingBuffer(budget: budget)
    }

    /// The first byte; valid until the next append.
    package var address: UnsafeRawPointer { UnsafeRawPointer(storage.base) }

    /// Forgets the bytes behind the first `count`.
    package func truncate(to count: Int) { self.count = min(self.count, count) }

    /// Adds the bytes of a text.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(MemoryLimitReached) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        try storage.reserve(count + bytes.count, used: count)
        UnsafeMutableRawPointer(storage.base + count).copyMemory(
            from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Makes room for `byteCount` bytes, which are then written through `appendReserved`.
    package func reserve(_ byteCount: Int) throws(MemoryLimitReached) {
        try storage.reserve(count + byteCount, used: count)
    }

    /// Adds a byte for which there is room.
    @inline(__always)
    package func appendReserved(_ byte: UInt8) {
        storage.base[count] = byte
        count &+= 1
    }
}
