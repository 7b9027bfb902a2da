internal import StoaBase
internal import StoaModel

/// One table as the writer knows it.
struct LiveTable {
    var definition: TableDefinition
    var segments: [Segment]
    /// Full memtables, oldest first.
    var frozen: [FrozenMemtable] = []
    /// The memtable that grows; nil: no rows since the last freeze.
    var active: Memtable?
    /// Where in the log its first row is.
    var activeStart: UInt64 = 0
    /// Rows of batches that are on their way to the memtable, and the bytes that were reserved for
    /// its growth by them.
    var planned = (rowCount: 0, byteCount: 0)
    /// When its first row came, on the monotonic clock.
    var activeSince: Int64 = 0

    /// A memtable that takes no more rows.
    struct FrozenMemtable {
        var memtable: Memtable
        var start: UInt64
    }

    init(definition: TableDefinition, segments: [Segment]) {
        self.definition = definition
        self.segments = segments
    }

    init(_ recovered: RecoveredTable, now: Int64) {
        self.init(definition: recovered.definition, segments: recovered.segments)
        frozen = recovered.memtables.dropLast().map { FrozenMemtable(memtable: $0, start: 0) }
        active = recovered.memtables.last
        activeSince = now
    }

    /// Where in the log the oldest row is that is in no segment.
    var oldestPosition: UInt64? {
        frozen.first?.start ?? (active == nil ? nil : activeStart)
    }

    /// The oldest batch that is in no segment, leaving out a memtable that just became one.
    func firstUnsealedLSN(leavingOut left: Memtable?) -> UInt64? {
        for memtable in memtables where memtable !== left { return memtable.firstLSN }
        return nil
    }

    var memtables: [Memtable] { frozen.map(\.memtable) + (active.map { [$0] } ?? []) }

    /// The memtable takes no more rows. Whether there was one.
    @discardableResult
    mutating func freeze() -> Bool {
        guard let memtable = active else { return false }
        frozen.append(FrozenMemtable(memtable: memtable, start: activeStart))
        active = nil
        return true
    }
}
