package import StoaBase
package import StoaDisk
internal import StoaModel

/// Turns rows of a memtable into segment files.
///
/// For each file, in this order: write `seg/<id>.tmp`; sync its data; open it again by name and
/// verify header, footer, every checksum and every block's structure; rename it to `seg/<id>`;
/// and, after all, sync the directory. That every block decodes to its rows is compared before
/// the write, while both are in the cache; the checksum ties the file to those bytes.
///
/// Source: reliability research §3.4.
package enum SegmentBuilder {
    /// How segments are written.
    package struct Options: Sendable {
        package var limits: Limits
        /// Columns encoded at the same time; 1 is deterministic.
        package var threadCount = 1

        package init(limits: Limits, threadCount: Int = 1) {
            self.limits = limits
            self.threadCount = threadCount
        }
    }

    /// Writes rows of a memtable that no longer grows, or of its prefix, as one or more segments
    /// numbered from `firstSegmentID`, durable and under their final names.
    ///
    /// - Throws: `disk` or `corruptSegment`; the files of this call are removed then.
    package static func write(
        _ memtable: Memtable, rows: Range<Int>, firstSegmentID: UInt64, disk: any Disk,
        options: Options
    ) throws(StorageError) -> [SegmentDescriptor] {
        guard !rows.isEmpty else { return [] }
        options.limits.checkInvariants()
        var written: [SegmentDescriptor] = []
        var nextID = firstSegmentID
        do throws(StorageError) {
            for range in segmentRanges(memtable, rows: rows, limits: options.limits) {
                let numbers = (
                    memtable.lsn(ofRow: range.lowerBound),
                    memtable.lsn(ofRow: range.upperBound - 1)
                )
                let part = MemtableRows(memtable, range: range)
                nextID += 1
                written.append(
                    SegmentDescriptor(
                        id: nextID - 1, byteCount: 0, rowCount: 0, footerChecksum: 0, firstLSN: 0,
                        lastLSN: 0))
                written[written.count - 1] = try writeTemporary(
                    part, id: nextID - 1, lsns: numbers, disk: disk, options: options)
            }
            try publish(written, disk: disk)
        } catch {
            discard(written.map(\.id), disk: disk)
            throw error
        }
        return written
    }

    /// The rows of each segment that `write` would make.
    package static func segmentRanges(
        _ memtable: Memtable, rows: Range<Int>, limits: Limits
    ) -> [Range<Int>] {
        guard !rows.isEmpty else { return [] }
        return MemtableRows(memtable, range: rows).segmentRanges(
            limits: limits, byteCountLimit: SegmentDictionary.plainByteCountLimit)
    }

    /// Writes, syncs and verifies one segment under its temporary name.
    static func writeTemporary(
        _ rows: MemtableRows, id: UInt64, lsns: (first: UInt64, last: UInt64), disk: any Disk,
        options: Options
    ) throws(StorageError) -> SegmentDescriptor {
        let rows = rows.sorted()
        let definition = rows.memtable.definition
        let path = SegmentID(id).temporaryPath
        let columns: [EncodedColumn]
        do throws(BlockMismatch) {
            columns = try SegmentEncoding.encode(rows, options: options)
        } catch {
            throw .corruptSegment(
                path: path, byteOffset: 0,
                reason: "a block did not decode to its rows and was not written")
        }
        let header = SegmentHeader(
            tableID: definition.id, segmentID: id, schemaVersion: definition.schemaVersion,
            rowCount: rows.rowCount, columnCount: columns.count,
            blockRows: options.limits.blockRows,
            optionalFeatures: columns.contains { $0.filters != nil } ? SegmentHeader.filters : 0)
        let content = SegmentFileWriter.Content(
            header: header, firstLSN: lsns.first, lastLSN: lsns.last, definition: definition,
            columns: columns)
        let descriptor: SegmentDescriptor
        do throws(DiskError) {
            descriptor = try SegmentFileWriter.write(content, to: path, disk: disk)
        } catch {
            throw .disk(error)
        }
        try verify(descriptor, definition: definition, path: path, disk: disk)
        return descriptor
    }

    /// Reads the file back through a fresh descriptor.
    private static func verify(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, path: String,
        disk: any Disk
    ) throws(StorageError) {
        let segment = try Segment.open(
            descriptor, definition: definition, path: path, disk: disk)
        for position in definition.columns.indices {
            for block in 0..<segment.blockCount {
                _ = try segment.reader(position: position, block: block)
            }
        }
    }

    /// Gives verified files their names and makes the names durable.
    static func publish(
        _ descriptors: [SegmentDescriptor], disk: any Disk
    ) throws(StorageError) {
        do throws(DiskError) {
            for descriptor in descriptors {
                let id = SegmentID(descriptor.id)
                try disk.rename(id.temporaryPath, to: id.path)
            }
            try disk.syncDirectory(SegmentID.directory)
        } catch {
            throw .disk(error)
        }
    }

    /// Removes what is left of segments that will not be published; what cannot be removed is
    /// found by the next start.
    static func discard(_ ids: [UInt64], disk: any Disk) {
        for id in ids {
            try? disk.remove(SegmentID(id).temporaryPath)
            try? disk.remove(SegmentID(id).path)
        }
    }
}
