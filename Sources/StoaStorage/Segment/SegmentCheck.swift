internal import StoaBase
internal import StoaCodec
package import StoaDisk
package import StoaModel

/// Reads a whole segment: every checksum, every block's structure, every row; and compares the
/// rows with the statistics that queries trust. For `stoa check`.
package struct SegmentCheck: Sendable {
    /// Blocks that were read without a finding.
    package var intactBlockCount = 0
    /// Values that were decoded.
    package var valueCount = 0
    /// What is wrong, one error per block.
    package var findings: [StorageError] = []

    package var isIntact: Bool { findings.isEmpty }

    /// Checks the segment that the manifest describes.
    package static func check(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, disk: any Disk
    ) -> SegmentCheck {
        var check = SegmentCheck()
        do throws(StorageError) {
            let segment = try Segment.open(descriptor, definition: definition, disk: disk)
            check.readAll(segment)
        } catch {
            check.findings.append(error)
        }
        return check
    }

    /// Checks a segment file by itself.
    package static func check(_ path: String, disk: any Disk) -> SegmentCheck {
        var check = SegmentCheck()
        do throws(StorageError) {
            check.readAll(try Segment.open(path: path, definition: nil, disk: disk))
        } catch {
            check.findings.append(error)
        }
        return check
    }

    private mutating func readAll(_ segment: Segment) {
        let scratch = VectorScratch()
        for position in segment.footer.columns.indices {
            do throws(StorageError) {
                _ = try segment.filters(position: position)
            } catch {
                findings.append(error)
                continue
            }
            for block in 0..<segment.blockCount {
                do throws(StorageError) {
                    try read(segment, position: position, block: block, scratch)
                    intactBlockCount += 1
                } catch {
                    findings.append(error)
                }
            }
        }
    }

    private mutating func read(
        _ segment: Segment, position: Int, block: Int, _ scratch: VectorScratch
    ) throws(StorageError) {
        let reader = try segment.reader(position: position, block: block)
        guard let entry = segment.footer.block(column: position, index: block) else { return }
        let column = segment.footer.columns[position]
        var tally = BlockTally(isUnsigned: column.type.isUnsigned64)
        for first in stride(from: 0, to: entry.statistics.rowCount, by: Limits.batchRows) {
            let count = min(Limits.batchRows, entry.statistics.rowCount - first)
            let vector = reader.read(firstRow: first, rowCount: count, into: scratch)
            tally.add(vector)
            valueCount += count
            if let filter = try segment.filters(position: position)?.filter(block),
                !FilterCheck.holds(filter, vector)
            {
                throw .corruptSegment(
                    path: segment.path, byteOffset: column.filters?.byteOffset ?? 0,
                    reason: "the filter of block \(block) of column "
                        + "\(segment.columnName(column)) denies a value that is there")
            }
        }
        if let statistic = tally.disagreement(with: entry) {
            throw .corruptSegment(
                path: segment.path, byteOffset: entry.extent.byteOffset,
                reason: "block \(block) of column \(segment.columnName(column)) does not have "
                    + "the \(statistic) that its statistics say")
        }
    }
}
