internal import StoaBase

/// Where the chain of batches stands: what the next record must name as its predecessor.
package struct LogChain: Hashable, Sendable {
    /// LSN of the last batch; 0: none.
    package var lsn: UInt64 = 0
    /// Its payload checksum.
    package var checksum: UInt32 = 0

    package init(lsn: UInt64 = 0, checksum: UInt32 = 0) {
        self.lsn = lsn
        self.checksum = checksum
    }
}

/// Bytes for one place of one log file.
package struct LogWrite: Equatable, Sendable {
    package var file: LogFileName
    package var offset: Int
    package var bytes: [UInt8]
}

/// Plans the bytes of the log: places records, chains them, and can take a group back that the
/// disk refused. Pure: somebody else writes and syncs.
package struct LogWriter: Sendable {
    /// The file that records go to.
    package private(set) var file: LogFileName
    /// Where the next record goes.
    package private(set) var offset: Int
    package private(set) var chain: LogChain
    /// The last batch known to be synced.
    package var durableLSN: UInt64
    /// Set after a refused write: nothing more goes into this file.
    package private(set) var isFileClosed = false
    private let fileByteCountLimit: Int
    private var group = ByteWriter()
    private var groupStart: Mark

    /// What a refused group returns to.
    private struct Mark: Sendable {
        var offset: Int
        var chain: LogChain
    }

    /// A writer at the beginning of a file whose header is being written.
    package init(file: LogFileName, chain: LogChain, fileByteCountLimit: Int) {
        self.file = file
        self.chain = chain
        self.fileByteCountLimit = fileByteCountLimit
        offset = LogFileHeader.byteCount
        durableLSN = chain.lsn
        groupStart = Mark(offset: offset, chain: chain)
    }

    /// Whether a record with that payload may go into the file: room is left for one marker
    /// behind it. A record that is longer than a file gets one of its own, however long.
    package func fits(payloadByteCount: Int) -> Bool {
        if isFileClosed { return false }
        let end = offset + LogRecordHeader.recordByteCount(payload: payloadByteCount)
        return offset == LogFileHeader.byteCount
            || end + LogRecordHeader.byteCount <= fileByteCountLimit
    }

    /// Bytes of the records not yet taken.
    package var groupByteCount: Int { group.count }

    /// Adds a batch to the group.
    package mutating func append(_ payload: BatchPayload, lsn: UInt64, time: Int64) {
        invariant(lsn > chain.lsn, "LSNs only grow")
        invariant(fits(payloadByteCount: payload.byteCount), "a record lies in one file")
        var body = ByteWriter(reservingCapacity: payload.byteCount)
        payload.encode(into: &body)
        let checksum = Checksum.crc32c(body.bytes)
        let header = LogRecordHeader(
            type: .batch, payloadByteCount: UInt32(body.count), payloadChecksum: checksum,
            lsn: lsn, previousLSN: chain.lsn, durableLSN: durableLSN, epoch: file.epoch,
            previousChecksum: chain.checksum, time: time)
        header.encode(into: &group)
        group.append(contentsOf: body)
        group.align(to: 64)
        offset += header.recordByteCount
        chain = LogChain(lsn: lsn, checksum: checksum)
        invariant(groupStart.offset + group.count == offset, "records lie where they are written")
    }

    /// Adds a batch that was in a log before, its payload as it is.
    package mutating func append(copyOf record: LogRecord) {
        let old = record.header
        invariant(old.lsn > chain.lsn, "LSNs only grow")
        invariant(fits(payloadByteCount: record.payload.count), "a record lies in one file")
        let header = LogRecordHeader(
            type: .batch, payloadByteCount: old.payloadByteCount,
            payloadChecksum: old.payloadChecksum, lsn: old.lsn, previousLSN: chain.lsn,
            durableLSN: durableLSN, epoch: file.epoch, previousChecksum: chain.checksum,
            time: old.time)
        header.encode(into: &group)
        group.append(contentsOf: record.payload)
        group.align(to: 64)
        offset += header.recordByteCount
        chain = LogChain(lsn: old.lsn, checksum: old.payloadChecksum)
    }

    /// Adds a record without rows.
    package mutating func appendMarker(_ type: LogRecordType, time: Int64) {
        invariant(type != .batch, "a marker has no rows")
        LogRecordHeader(
            type: type, payloadByteCount: 0, payloadChecksum: 0, lsn: chain.lsn,
            previousLSN: chain.lsn, durableLSN: durableLSN, epoch: file.epoch,
            previousChecksum: chain.checksum, time: time
        ).encode(into: &group)
        offset += LogRecordHeader.byteCount
    }

    /// The group's bytes and place; a new group begins.
    package mutating func takeGroup() -> LogWrite {
        let write = LogWrite(file: file, offset: groupStart.offset, bytes: group.bytes)
        group = ByteWriter()
        return write
    }

    /// The group is in the file.
    package mutating func didWriteGroup() {
        invariant(group.count == 0, "a group is written before the next begins")
        groupStart = Mark(offset: offset, chain: chain)
    }

    /// The disk refused the group: its place is never written again, the file ends before it.
    package mutating func didRefuseGroup() {
        group = ByteWriter()
        offset = groupStart.offset
        chain = groupStart.chain
        isFileClosed = true
    }

    /// Goes on in the next file, and returns the header that has to be synced before any record.
    package mutating func beginFile(_ databaseID: DatabaseID) -> LogWrite {
        invariant(groupStart.offset == offset, "a file ends between groups")
        let header = LogFileHeader(
            databaseID: databaseID, name: file.next, previousLSN: chain.lsn,
            closedByteCount: UInt64(offset), allocatedByteCount: UInt64(fileByteCountLimit),
            previousChecksum: chain.checksum)
        file = file.next
        offset = LogFileHeader.byteCount
        isFileClosed = false
        groupStart = Mark(offset: offset, chain: chain)
        return LogWrite(file: file, offset: 0, bytes: header.encode())
    }
}
