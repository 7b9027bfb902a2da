internal import StoaBase

/// The chunks that a workspace decompressed last; consecutive, in one buffer.
struct ChunkCache {
    /// The node they belong to; 0: none.
    private(set) var nodeID: UInt64 = 0
    private(set) var chunkRange = 0..<0
    private(set) var memory = HeapBytes(byteCount: 0)

    /// Makes room for `byteCount` bytes that are no chunks.
    mutating func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer {
        nodeID = 0
        if memory.byteCount < byteCount { memory = HeapBytes(byteCount: byteCount) }
        return memory.address
    }

    /// Makes room for the chunks of `range` and moves those of them that are here to their
    /// place; returns which.
    mutating func keep(_ nodeID: UInt64, _ range: Range<Int>) -> Range<Int> {
        let kept = self.nodeID == nodeID ? chunkRange.clamped(to: range) : 0..<0
        let byteCount = range.count * Chunks.byteCount
        let old = memory
        if memory.byteCount < byteCount { memory = HeapBytes(byteCount: byteCount) }
        if !kept.isEmpty {
            let source = old.address + (kept.lowerBound - chunkRange.lowerBound) * Chunks.byteCount
            let target = memory.address + (kept.lowerBound - range.lowerBound) * Chunks.byteCount
            target.copyMemory(from: source, byteCount: kept.count * Chunks.byteCount)
        }
        self.nodeID = nodeID
        chunkRange = range
        return kept
    }
}
