internal import StoaBase
package import StoaModel

/// Gives out the numbers of tables and segments, each once; also to bulk loads, which name their
/// files before the writer knows of them.
package final class IDAllocator: @unchecked Sendable {
    // SAFETY: both numbers are touched only while `lock` is held.
    private let lock = Lock()
    private var table: TableID
    private var segment: UInt64

    package init(nextTableID: TableID, nextSegmentID: UInt64) {
        table = nextTableID
        segment = nextSegmentID
    }

    /// A table's number that nobody has.
    package func takeTableID() -> TableID {
        lock.withLock {
            defer { table += 1 }
            return table
        }
    }

    /// The first of `count` segment numbers that nobody has.
    package func takeSegmentIDs(_ count: Int) -> UInt64 {
        lock.withLock {
            defer { segment += UInt64(count) }
            return segment
        }
    }

    /// What would be given out next.
    package var next: (tableID: TableID, segmentID: UInt64) {
        lock.withLock { (table, segment) }
    }
}
