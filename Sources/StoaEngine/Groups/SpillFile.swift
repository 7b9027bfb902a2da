internal import StoaBase
internal import StoaDisk
internal import StoaModel

/// A temporary file of rows that found no room in memory: LZ4 pages, each read back whole.
/// The file goes with this object; what a crash leaves is removed when the database is opened.
final class SpillFile: @unchecked Sendable {
    // SAFETY: the end is touched only while `lock` is held; pages do not overlap.
    /// Where a chunk, or a part of a sorted run, stands in the file.
    struct Page {
        var offset: Int
        var storedByteCount: Int
        var isCompressed: Bool
        var recordCount: Int
        var recordsByteCount: Int
        var textByteCount: Int

        /// Bytes when it is read.
        var byteCount: Int { recordsByteCount + textByteCount }
    }

    static let directory = "tmp"
    private let disk: any Disk
    private let path: String
    private let lock = Lock()
    private var file: DiskFile?
    private var end = 0

    private let didWrite: @Sendable (_ byteCount: Int) -> Void

    /// - Parameter didWrite: Told how large each page is in the file.
    init(_ disk: any Disk, name: String, didWrite: @escaping @Sendable (Int) -> Void) {
        self.disk = disk
        self.didWrite = didWrite
        path = "\(Self.directory)/\(name)"
    }

    deinit {
        if let file {
            disk.close(file)
            // What cannot be removed now is removed at the next open.
            try? disk.remove(path)
        }
    }

    private func opened() throws(ServiceError) -> DiskFile {
        if let file { return file }
        return try onDisk { () throws(DiskError) in
            try disk.makeDirectory(Self.directory)
            let made = try disk.open(path, .createNew)
            file = made
            return made
        }
    }

    /// What becomes a page: the records of chunks, then the text of the only chunk that has some.
    struct Content {
        private(set) var bytes: [UInt8] = []
        private(set) var recordCount = 0
        private(set) var textByteCount = 0

        mutating func add(_ chunk: RowLog.Chunk, recordByteCount: Int) {
            recordCount += chunk.recordCount
            textByteCount += chunk.textByteCount
            bytes.append(
                contentsOf: UnsafeRawBufferPointer(
                    start: chunk.base, count: chunk.recordCount * recordByteCount))
            bytes.append(
                contentsOf: UnsafeRawBufferPointer(
                    start: chunk.base + (chunk.byteCount - chunk.textByteCount),
                    count: chunk.textByteCount))
        }
    }

    /// Writes a page at the end of the file.
    func write(_ content: Content) throws(ServiceError) -> Page {
        try content.bytes.withUnsafeBufferPointer { bytes throws(ServiceError) in
            try write(
                UnsafeRawBufferPointer(bytes), recordCount: content.recordCount,
                textByteCount: content.textByteCount)
        }
    }

    /// Writes a page of bytes of any form at the end of the file.
    func write(
        _ bytes: UnsafeRawBufferPointer, recordCount: Int, textByteCount: Int = 0
    ) throws(ServiceError) -> Page {
        let packed = LZ4.compress(bytes, isHighCompression: false)
        lock.lock()
        defer { lock.unlock() }
        let file = try opened()
        let offset = end
        if let packed {
            try packed.withUnsafeBufferPointer { buffer throws(ServiceError) in
                try append(UnsafeRawBufferPointer(buffer), to: file)
            }
        } else {
            try append(bytes, to: file)
        }
        return Page(
            offset: offset, storedByteCount: end - offset, isCompressed: packed != nil,
            recordCount: recordCount, recordsByteCount: bytes.count - textByteCount,
            textByteCount: textByteCount)
    }

    /// Under the lock.
    private func append(
        _ stored: UnsafeRawBufferPointer, to file: DiskFile
    ) throws(ServiceError) {
        let (disk, offset) = (disk, end)
        try onDisk { () throws(DiskError) in try disk.write(file, at: offset, stored) }
        end += stored.count
        didWrite(stored.count)
    }

    /// Reads a page back as a chunk, which is gone after `body`.
    func read(
        _ page: Page, budget: MemoryBudget, _ body: (RowLog.Chunk) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        guard let file = lock.withLock({ file }) else { return }
        let byteCount = page.byteCount
        let room = byteCount + (page.isCompressed ? page.storedByteCount : 0)
        try budget.reserveForOutput(room)
        defer { budget.release(room) }
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(1, byteCount), alignment: 16)
        defer { base.deallocate() }
        let target = UnsafeMutableRawBufferPointer(start: base, count: byteCount)
        if page.isCompressed {
            let packed = UnsafeMutableRawBufferPointer.allocate(
                byteCount: page.storedByteCount, alignment: 16)
            defer { packed.deallocate() }
            try fill(packed, file, at: page.offset)
            guard LZ4.decompress(UnsafeRawBufferPointer(packed), into: target) else {
                throw damaged
            }
        } else {
            try fill(target, file, at: page.offset)
        }
        try body(
            RowLog.Chunk(
                base: base, byteCount: byteCount, recordCount: page.recordCount,
                textByteCount: page.textByteCount))
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ file: DiskFile, at offset: Int
    ) throws(ServiceError) {
        let disk = disk
        let count = try onDisk { () throws(DiskError) in
            try disk.read(file, at: offset, into: buffer)
        }
        guard count == buffer.count else { throw damaged }
    }

    /// What a page is that cannot be read as it was written.
    var damaged: ServiceError {
        ServiceError(.ioError, "A temporary file of the query is not as it was written.")
    }

    private func onDisk<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(ServiceError) -> Result {
        do {
            return try body()
        } catch {
            throw ServiceError(
                .ioError,
                "A temporary file of the query failed: \(error.operation.rawValue) of "
                    + "\(error.path), error \(error.errno).",
                hint: "Make room on the data directory's file system, or raise the query's memory.")
        }
    }
}

/// Names the temporary files of a database's queries.
final class SpillFiles: @unchecked Sendable {
    // SAFETY: the count is touched only while `lock` is held.
    private let disk: any Disk
    private let lock = Lock()
    private var count = 0

    /// Removes what earlier processes left.
    init(_ disk: any Disk) {
        self.disk = disk
        guard (try? disk.status(SpillFile.directory)) != nil else { return }
        for name in (try? disk.list(SpillFile.directory)) ?? [] {
            // A file that stays only takes space.
            try? disk.remove("\(SpillFile.directory)/\(name)")
        }
    }

    /// A file that does not exist yet; `didWrite` is told how large each page is.
    func make(didWrite: @escaping @Sendable (_ byteCount: Int) -> Void) -> SpillFile {
        let number = lock.withLock { () -> Int in
            count += 1
            return count
        }
        return SpillFile(disk, name: "query-\(number)", didWrite: didWrite)
    }
}
