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

    package init(file: LogFileName, chain: LogChain, durableLSN: UInt64) {
        self.file = file
        self.chain = chain
        self.durableLSN = durableLSN
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
        for index in names.indices {
            let next = index + 1 < names.count ? try open(names[index + 1]) : nil
            guard try begin(file, result.chain) else { break }
            let end = try closedByteCount(of: file, next: next)
            try scan(file, end: end, into: &result, visit)
            guard let next else { break }
            file = next
        }
        guard result.chain.lsn >= start.durableLSN else {
            throw damage(
                file.name, file.bytes.count, result.chain, lastLSN: start.durableLSN,
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
    private func begin(_ file: File, _ chain: LogChain) throws(StorageError) -> Bool {
        switch file.reading {
        case .tooNew(let version):
            throw .formatTooNew(
                path: file.name.path, found: UInt32(version),
                supported: UInt32(LogFileHeader.version))
        case .unused, .invalid:
            // The header is synced before the first record: a record proves that it was there.
            guard let proof = lastDurableLSN(in: file, from: 0), proof.isAnyRecord else {
                if file.name == start.file {
                    throw damage(file.name, 0, chain, "the header cannot be read")
                }
                return false
            }
            throw damage(
                file.name, 0, chain, lastLSN: proof.durableLSN, "the header cannot be read")
        case .header(let header):
            guard header.databaseID == databaseID, header.name == file.name else {
                throw damage(file.name, 8, chain, "the file belongs elsewhere")
            }
            guard header.previousLSN == chain.lsn, header.previousChecksum == chain.checksum else {
                throw damage(
                    file.name, 32, chain, lastLSN: header.previousLSN,
                    "the records before this file are not the ones it was begun after")
            }
            return true
        }
    }

    /// Where the records of a file end when the next file says so.
    private func closedByteCount(of file: File, next: File?) throws(StorageError) -> Int? {
        guard let next, case .header(let header) = next.reading else { return nil }
        guard next.name == file.name.next else {
            throw damage(file.name.next, 0, LogChain(), "the file is missing")
        }
        guard header.closedByteCount <= UInt64(file.bytes.count) else {
            throw damage(file.name, file.bytes.count, LogChain(), "the file is cut short")
        }
        return Int(header.closedByteCount)
    }

    private func scan(
        _ file: File, end: Int?, into result: inout LogScanResult,
        _ visit: (LogRecord) throws(StorageError) -> Void
    ) throws(StorageError) {
        let limit = end ?? file.bytes.count
        var offset = LogFileHeader.byteCount
        while offset < limit {
            guard let record = record(in: file, at: offset, limit: limit, result.chain) else {
                return try classify(file, offset, end: end, &result)
            }
            result.isClosed = record.header.type == .close
            offset += record.header.recordByteCount
            guard record.header.type == .batch else { continue }
            result.chain = LogChain(
                lsn: record.header.lsn, checksum: record.header.payloadChecksum)
            result.recordCount += 1
            try visit(record)
        }
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
