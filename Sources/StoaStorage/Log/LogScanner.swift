package import StoaBase
package import StoaDisk

/// A record as it was found, its checksums proven.
package struct LogRecord: Sendable {
    package var header: LogRecordHeader
    /// Shared with the mapped file.
    package var payload: Bytes
    package var path: String
    package var offset: Int
}

/// Where the live log begins.
package struct LogPosition: Equatable, Sendable {
    /// The first file; number 0: there is no log yet.
    package var file: LogFileName
    /// The chain before its first record.
    package var chain: LogChain
    /// The last batch that was durable when this was written down; the log reaches it.
    package var durableLSN: UInt64
    /// The last file that was begun when this was written down; 0: not known.
    package var newestNumber: UInt32

    package init(
        file: LogFileName, chain: LogChain, durableLSN: UInt64, newestNumber: UInt32 = 0
    ) {
        self.file = file
        self.chain = chain
        self.durableLSN = durableLSN
        self.newestNumber = newestNumber
    }

    package static let none = LogPosition(
        file: LogFileName(epoch: 0, number: 0), chain: LogChain(), durableLSN: 0)
}

/// What reading the log found.
package struct LogScanResult: Equatable, Sendable {
    package var chain = LogChain()
    package var recordCount = 0
    /// Bytes of records that were never acknowledged and are dropped.
    package var droppedByteCount = 0
    /// Whether the last record says that the store was closed in order.
    package var isClosed = false

    package init() {}
}

/// Reads the live log and tells a torn tail from damage. Changes nothing.
///
/// A record that cannot be read was never acknowledged (a torn tail: it and all behind it are
/// dropped) unless something later proves that it was durable: a later record's `durableLSN`, the
/// header of the next file, or the manifest. Then acknowledged rows are damaged, and nothing is
/// opened.
///
/// A file is damaged, too, when it is shorter than it was allocated, and when it was begun and is
/// missing or has no header. That it was begun is known from the manifest, and from any file
/// behind it: a file is made only after the header of the one before it was synced.
package struct LogScanner {
    private let disk: any Disk
    private let databaseID: DatabaseID
    private let start: LogPosition
    /// The files from the first live one on, by number.
    private let names: [LogFileName]

    package init(
        disk: any Disk, databaseID: DatabaseID, start: LogPosition, names: [LogFileName]
    ) {
        self.disk = disk
        self.databaseID = databaseID
        self.start = start
        self.names = names.filter { $0.epoch == start.file.epoch && $0 >= start.file }.sorted()
    }

    /// One mapped file and what its start says.
    private struct File {
        var name: LogFileName
        var bytes: Bytes
        var reading: LogFileHeader.Reading
    }

    /// Calls `visit` with every record in order.
    package func scan(
        _ visit: (LogRecord) throws(StorageError) -> Void
    ) throws(StorageError) -> LogScanResult {
        var result = LogScanResult()
        result.chain = start.chain
        guard start.file.number > 0 else { return result }
        guard names.first == start.file else {
            throw damage(start.file, 0, result.chain, "the file is missing")
        }
        var file = try open(start.file)
        // Where reading ended.
        var end = (file: start.file, offset: 0)
        for index in names.indices {
            let next = index + 1 < names.count ? try open(names[index + 1]) : nil
            guard try begin(file, isLast: next == nil, result.chain) else { break }
            let closed = try closedByteCount(of: file, next: next, result.chain)
            end = (file.name, try scan(file, end: closed, into: &result, visit))
            guard let next else { break }
            file = next
        }
        if let last = names.last, last.number < start.newestNumber {
            throw damage(
                last.next, 0, result.chain, lastLSN: start.durableLSN, "the file is missing")
        }
        guard result.chain.lsn >= start.durableLSN else {
            throw damage(
                end.file, end.offset, result.chain, lastLSN: start.durableLSN,
                "the log ends before records that the manifest knows")
        }
        return result
    }

    private func open(_ name: LogFileName) throws(StorageError) -> File {
        do throws(DiskError) {
            let handle = try disk.open(name.path, .read)
            defer { disk.close(handle) }
            let size = try disk.status(name.path)?.byteCount ?? 0
            let bytes = try disk.map(handle, byteCount: size)
            return File(name: name, bytes: bytes, reading: LogFileHeader.read(bytes))
        } catch {
            throw .disk(error)
        }
    }

    /// Whether the file was begun; its header must continue the chain.
    private func begin(
        _ file: File, isLast: Bool, _ chain: LogChain
    ) throws(StorageError) -> Bool {
        switch file.reading {
        case .tooNew(let version):
            throw .formatTooNew(
                path: file.name.path, found: UInt32(version),
                supported: UInt32(LogFileHeader.version))
        case .unused, .invalid:
            // The header is synced before the first record: a record proves that it was there.
            // So do the manifest and a file behind this one; and a header that is there in part,
            // since the file's length was synced before it was written.
            let proof = lastDurableLSN(in: file, from: 0)
            let isCut = file.reading == .invalid && file.bytes.count < LogFileHeader.byteCount
            guard
                isCut || !isLast || file.name == start.file || proof?.isAnyRecord ?? false
                    || file.name.number <= start.newestNumber
            else { return false }
            throw damage(
                file.name, isCut ? file.bytes.count : 0, chain,
                lastLSN: max(proof?.durableLSN ?? 0, start.durableLSN),
                file.bytes.count == 0 ? "the file is empty" : "the header cannot be read")
        case .header(let header):
            guard header.databaseID == databaseID, header.name == file.name else {
                throw damage(file.name, 8, chain, "the file belongs elsewhere")
            }
            guard header.previousLSN == chain.lsn, header.previousChecksum == chain.checksum else {
                throw damage(
                    file.name, 32, chain, lastLSN: header.previousLSN,
                    "the records before this file are not the ones it was begun after")
            }
            guard UInt64(file.bytes.count) >= header.allocatedByteCount else {
                throw damage(
                    file.name, file.bytes.count, chain, lastLSN: start.durableLSN,
                    "the file is cut short")
            }
            return true
        }
    }

    /// Where the records of a file end when the next file says so.
    private func closedByteCount(
        of file: File, next: File?, _ chain: LogChain
    ) throws(StorageError) -> Int? {
        guard let next else { return nil }
        guard next.name == file.name.next else {
            throw damage(
                file.name.next, 0, chain, lastLSN: start.durableLSN, "the file is missing")
        }
        guard case .header(let header) = next.reading else { return nil }
        guard header.closedByteCount <= UInt64(file.bytes.count) else {
            throw damage(file.name, file.bytes.count, chain, "the file is cut short")
        }
        return Int(header.closedByteCount)
    }

    /// Visits a file's records; where they end.
    private func scan(
        _ file: File, end: Int?, into result: inout LogScanResult,
        _ visit: (LogRecord) throws(StorageError) -> Void
    ) throws(StorageError) -> Int {
        let limit = end ?? file.bytes.count
        var offset = LogFileHeader.byteCount
        while offset < limit {
            guard let record = record(in: file, at: offset, limit: limit, result.chain) else {
                try classify(file, offset, end: end, &result)
                return offset
            }
            result.isClosed = record.header.type == .close
            offset += record.header.recordByteCount
            guard record.header.type == .batch else { continue }
            result.chain = LogChain(
                lsn: record.header.lsn, checksum: record.header.payloadChecksum)
            result.recordCount += 1
            try visit(record)
        }
        return offset
    }

    /// The record at `offset` if it continues the chain.
    private func record(
        in file: File, at offset: Int, limit: Int, _ chain: LogChain
    ) -> LogRecord? {
        guard offset + LogRecordHeader.byteCount <= limit,
            let header = LogRecordHeader.decode(file.bytes[offset..<limit]),
            header.epoch == file.name.epoch, header.previousLSN == chain.lsn,
            header.previousChecksum == chain.checksum
        else { return nil }
        let start = offset + LogRecordHeader.byteCount
        guard header.type == .batch else {
            guard header.lsn == chain.lsn, header.payloadByteCount == 0 else { return nil }
            return LogRecord(
                header: header, payload: file.bytes[start..<start], path: file.name.path,
                offset: offset)
        }
        guard header.lsn > chain.lsn, Int(header.payloadByteCount) <= limit - start else {
            return nil
        }
        let payload = file.bytes[start..<start + Int(header.payloadByteCount)]
        guard Checksum.crc32c(payload) == header.payloadChecksum else { return nil }
        return LogRecord(header: header, payload: payload, path: file.name.path, offset: offset)
    }

    /// Decides what a record that cannot be read means.
    private func classify(
        _ file: File, _ offset: Int, end: Int?, _ result: inout LogScanResult
    ) throws(StorageError) {
        if end != nil {
            throw damage(file.name, offset, result.chain, "a record cannot be read")
        }
        guard let proof = lastDurableLSN(in: file, from: offset) else { return }
        guard proof.durableLSN <= result.chain.lsn else {
            throw damage(
                file.name, offset, result.chain, lastLSN: proof.durableLSN,
                "a record cannot be read")
        }
        // Behind the marker of an orderly end nothing was ever written.
        if !result.isClosed { result.droppedByteCount += proof.end - offset }
    }

    /// What the bytes from `offset` on prove.
    private struct Proof {
        var durableLSN: UInt64 = 0
        var isAnyRecord = false
        /// Behind the last byte that is not zero, in steps of 64.
        var end: Int
    }

    /// Probes every 64 bytes to the end of the file; nil when all of it is zero.
    private func lastDurableLSN(in file: File, from offset: Int) -> Proof? {
        var proof = Proof(end: offset)
        let bytes = file.bytes
        for probe in stride(from: offset, through: bytes.count - 64, by: 64) {
            guard !isZero(bytes, at: probe) else { continue }
            proof.end = probe + 64
            guard let header = LogRecordHeader.decode(bytes[probe..<probe + 64]),
                header.epoch == file.name.epoch
            else { continue }
            proof.isAnyRecord = true
            proof.durableLSN = max(proof.durableLSN, header.durableLSN)
        }
        return proof.end > offset ? proof : nil
    }

    private func isZero(_ bytes: Bytes, at offset: Int) -> Bool {
        var bits: UInt64 = 0
        for word in 0..<8 { bits |= bytes.integer(at: offset + word * 8, as: UInt64.self) }
        return bits == 0
    }

    private func damage(
        _ name: LogFileName, _ offset: Int, _ chain: LogChain, lastLSN: UInt64 = 0,
        _ reason: String
    ) -> StorageError {
        .corruptLog(
            CorruptLog(
                path: name.path, byteOffset: offset, firstLSN: chain.lsn + 1,
                lastLSN: max(lastLSN, chain.lsn + 1), reason: reason))
    }
}
