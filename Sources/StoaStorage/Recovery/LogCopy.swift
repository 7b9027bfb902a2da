internal import StoaBase
internal import StoaDisk

/// Writes records into a fresh log of a new epoch, durable with their names.
struct LogCopy {
    private let disk: any Disk
    private let databaseID: DatabaseID
    private let limits: Limits
    private var file: DiskFile?
    var writer: LogWriter
    private(set) var files: [LiveLogFile] = []

    init(disk: any Disk, databaseID: DatabaseID, epoch: UInt32, limits: Limits) {
        self.disk = disk
        self.databaseID = databaseID
        self.limits = limits
        writer = LogWriter(
            file: LogFileName(epoch: epoch, number: 1), chain: LogChain(),
            fileByteCountLimit: limits.logFileBytes)
    }

    /// Writes all records; afterwards the last file is open and everything is durable.
    mutating func write(_ records: [LogRecord]) throws(DiskError) {
        let header = LogFileHeader(
            databaseID: databaseID, name: writer.file, previousLSN: 0, closedByteCount: 0,
            allocatedByteCount: UInt64(limits.logFileBytes), previousChecksum: 0)
        try begin(LogWrite(file: writer.file, offset: 0, bytes: header.encode()))
        for record in records {
            if !writer.fits(payloadByteCount: record.payload.count) {
                try flush()
                try finish()
                try begin(writer.beginFile(databaseID))
            }
            writer.append(copyOf: record)
            if writer.groupByteCount >= StoreCore.groupByteCountLimit { try flush() }
        }
        try flush()
        if let file { try disk.syncData(file) }
        try disk.syncDirectory(LogFileName.directory)
    }

    /// Hands over the last file; a copy that was written has one.
    mutating func takeFile() -> DiskFile? {
        defer { file = nil }
        return file
    }

    /// Lets go of a copy that failed.
    mutating func close() {
        if let file { disk.close(file) }
        file = nil
    }

    private mutating func begin(_ header: LogWrite) throws(DiskError) {
        let path = header.file.path
        if try disk.status(path) != nil { try disk.remove(path) }
        let new = try disk.open(path, .createNew)
        file = new
        files.append(LiveLogFile(name: header.file, chain: writer.chain))
        try disk.allocate(new, byteCount: limits.logFileBytes)
        try disk.write(new, at: 0, array: header.bytes)
    }

    private mutating func flush() throws(DiskError) {
        guard writer.groupByteCount > 0, let file else { return }
        let write = writer.takeGroup()
        try disk.write(file, at: write.offset, array: write.bytes)
        writer.didWriteGroup()
        files[files.count - 1].lastLSN = writer.chain.lsn
    }

    private mutating func finish() throws(DiskError) {
        if let file {
            try disk.syncData(file)
            disk.close(file)
        }
        file = nil
    }
}
