package import StoaBase

/// Copies of strings that stay where they are until the arena goes or is cleared.
package final class StringArena {
    private let budget: MemoryBudget
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    /// Chunks that hold strings; the others wait to be used again.
    private var usedChunkCount = 0
    /// Bytes taken from the budget.
    package private(set) var reservedByteCount = 0
    private var next: UnsafeMutableRawPointer?
    private var room = 0
    private static let chunkByteCount = 64 << 10

    package init(budget: MemoryBudget) { self.budget = budget }

    /// A copy of `bytes`.
    package func copy(
        _ bytes: UnsafeRawBufferPointer
    ) throws(MemoryLimitReached) -> UnsafeRawBufferPointer {
        guard let source = bytes.baseAddress, bytes.count > 0 else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        if bytes.count > room { try grow(bytes.count) }
        guard let target = next else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        target.copyMemory(from: source, byteCount: bytes.count)
        next = target + bytes.count
        room -= bytes.count
        return UnsafeRawBufferPointer(start: target, count: bytes.count)
    }

    private func grow(_ byteCount: Int) throws(MemoryLimitReached) {
        while usedChunkCount < chunks.count {
            let chunk = chunks[usedChunkCount]
            usedChunkCount += 1
            if chunk.count >= byteCount { return use(chunk) }
        }
        let size = max(byteCount, min(1 << 20, Self.chunkByteCount << min(chunks.count / 4, 4)))
        try budget.reserve(size)
        reservedByteCount += size
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        chunks.append(chunk)
        usedChunkCount = chunks.count
        use(chunk)
    }

    private func use(_ chunk: UnsafeMutableRawBufferPointer) {
        next = chunk.baseAddress
        room = chunk.count
    }

    /// Forgets all strings; the memory stays for others.
    package func clear() {
        usedChunkCount = 0
        next = nil
        room = 0
    }

    deinit {
        for chunk in chunks { chunk.deallocate() }
        budget.release(reservedByteCount)
    }
}
