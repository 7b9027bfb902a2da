/// What the manifest stores of a segment; all of it must agree with the file.
package struct SegmentDescriptor: Equatable, Sendable {
    package var id: UInt64
    /// Length of the file.
    package var byteCount: UInt64
    package var rowCount: UInt32
    package var footerChecksum: UInt32
    /// The batches whose rows are in the segment.
    package var firstLSN: UInt64
    package var lastLSN: UInt64

    package init(
        id: UInt64, byteCount: UInt64, rowCount: UInt32, footerChecksum: UInt32,
        firstLSN: UInt64, lastLSN: UInt64
    ) {
        self.id = id
        self.byteCount = byteCount
        self.rowCount = rowCount
        self.footerChecksum = footerChecksum
        self.firstLSN = firstLSN
        self.lastLSN = lastLSN
    }

    /// The file, relative to the data directory.
    package var path: String { SegmentID(id).path }
}
