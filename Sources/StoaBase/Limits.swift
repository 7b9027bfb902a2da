/// Every count that has a limit. A value, not constants, so that tests run the same code with
/// tiny ones and cross every boundary with few rows.
@usableFromInline
package struct Limits: Sendable, Equatable {
    /// Rows of one decoded vector; fixed by the interleaved layout.
    @inlinable package static var vectorRows: Int { 1_024 }
    /// Rows of one kernel call: four vectors.
    @inlinable package static var batchRows: Int { 4_096 }
    /// Largest number of rows of one encoded block.
    @inlinable package static var blockRowsLimit: Int { 65_536 }
    /// Largest number of rows of one segment.
    package static let segmentRowsLimit = 1_048_576
    /// Largest number of columns of a table.
    package static let columnCountLimit = 4_096
    /// Longest table or column name, in bytes of UTF-8.
    package static let nameByteCountLimit = 128
    /// Longest string value, in bytes.
    package static let stringByteCountLimit = 1 << 20
    /// Rows after which loops over strings look whether they are to stop; a string has up to a MiB.
    package static let rowsPerLook = 64
    /// Largest number of rows of one batch.
    package static let batchRowsLimit = 1 << 20
    /// Largest encoded batch, in bytes.
    package static let batchByteCountLimit = 64 << 20

    /// Rows of one block, a multiple of `vectorRows`.
    package var blockRows = 65_536
    /// Rows of one segment, a multiple of `blockRows`.
    package var segmentRows = 1_048_576
    /// Bytes preallocated for one file of the log.
    package var logFileBytes = 64 << 20
    /// Bytes of log behind a memtable that make it seal.
    package var memtableLogBytes = 256 << 20
    /// Seconds after its first row that make a memtable seal.
    package var memtableSeconds = 600
    /// Bytes of the reserve file that is given up when the disk is full.
    package var reserveBytes = 64 << 20

    package init() {}

    /// Small enough that a few thousand rows cross every boundary.
    package static var tiny: Limits {
        var limits = Limits()
        limits.blockRows = 1_024
        limits.segmentRows = 2_048
        limits.logFileBytes = 16 << 10
        limits.memtableLogBytes = 64 << 10
        limits.reserveBytes = 4 << 10
        return limits
    }

    /// Traps when the limits contradict each other.
    package func checkInvariants() {
        invariant(blockRows >= Self.vectorRows, "a block holds at least one vector")
        invariant(blockRows % Self.vectorRows == 0, "a block is whole vectors")
        invariant(blockRows <= Self.blockRowsLimit, "a row position in a block fits 16 bits")
        invariant(segmentRows % blockRows == 0, "a segment is whole blocks")
        invariant(segmentRows <= Self.segmentRowsLimit, "the format allows this many rows")
        invariant(Self.batchRows % Self.vectorRows == 0, "a kernel call takes whole vectors")
    }
}
