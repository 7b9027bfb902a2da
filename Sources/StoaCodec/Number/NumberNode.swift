internal import StoaBase
internal import StoaModel

/// A checked node that holds numbers: 64-bit patterns, whatever their meaning. Immutable, so any
/// number of threads may read it, each with its own workspace.
class NumberNode {
    let descriptor: NodeDescriptor

    init(_ descriptor: NodeDescriptor) { self.descriptor = descriptor }

    var rowCount: Int { descriptor.rowCount }

    /// Vectors of 1,024 rows, the last one perhaps in part.
    var vectorCount: Int { Self.vectorCount(rowCount) }

    static func vectorCount(_ rowCount: Int) -> Int {
        (rowCount + Limits.vectorRows - 1) / Limits.vectorRows
    }

    /// Decodes whole vectors. The numbers may stand in `target`, which has room for
    /// `vectorCount × 1,024` of the widest lane and 64 bytes more, or in the block itself; rows
    /// behind the last are unspecified.
    func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        invariant(false, "every node of numbers can be read")
        return Vector.Integers(lane: .constant, values: UnsafeRawPointer(target))
    }

    /// Clears the bits of rows that do not pass. This reads and tests the vectors that have any;
    /// encodings that can say it without reading override it.
    func filter(_ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace) {
        filterDecoded(test, rows, workspace)
    }

    /// The values of single rows, rising, in the order of `rows`; `target` has room for `count` of
    /// the widest lane. This reads the vectors that have any; encodings with random access
    /// override it.
    func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        gatherDecoded(rows, count: count, into: target, workspace)
    }

    /// Calls `body` with all values as 64-bit patterns, at most four vectors at a time. `body`
    /// must not call this again: the buffers are the workspace's.
    func forEachBatch(
        _ workspace: DecodeWorkspace, _ body: (UnsafePointer<UInt64>, Int) -> Void
    ) {
        let patterns = workspace.patterns.address.assumingMemoryBound(to: UInt64.self)
        let step = Limits.batchRows / Limits.vectorRows
        for first in stride(from: 0, to: vectorCount, by: step) {
            let count = min(Limits.batchRows, rowCount - first * Limits.vectorRows)
            let numbers = read(
                firstVector: first, vectorCount: min(step, vectorCount - first),
                into: workspace.batch.address, workspace)
            NumberKernels.materialize(numbers, count: count, into: patterns)
            body(patterns, count)
        }
    }

    /// Whether all values are below `limit` as unsigned numbers.
    func isBelow(_ limit: UInt64, _ workspace: DecodeWorkspace) -> Bool {
        if let bounds = (self as? FrameOfReferenceNode)?.valueBounds, bounds.lowerBound >= 0,
            bounds.upperBound < Int128(limit)
        {
            return true
        }
        var largest: UInt64 = 0
        forEachBatch(workspace) { values, count in
            for row in 0..<count { largest = max(largest, values[row]) }
        }
        return largest < limit
    }

    /// What every value lies between, read as signed, whatever happens to the block's bytes after
    /// they were checked: it follows from copies. Nil when there are no such bounds.
    var lastingBounds: ClosedRange<Int128>? { nil }

    /// The encoding tree in words.
    var text: String { descriptor.encoding.name }

    /// The nodes nested in this one.
    var children: [NumberNode] { [] }
}
