package import StoaBase
package import StoaDisk
package import StoaModel

/// Turns batches of one table straight into segments, without the log.
///
/// One thread appends; whenever a segment's rows are there, another encodes, writes and verifies
/// them under a temporary name, while the first goes on; it waits when it is a segment ahead. So
/// the memory is the raw rows of two segments and one segment's encoded bytes.
/// Nothing is visible before `finish`, and nothing is left after `abort`.
package final class BulkBuilder: Sendable {
    /// How segments are made.
    package struct Options: Sendable {
        package var limits: Limits
        /// Columns encoded at the same time.
        package var threadCount = 2
        /// Whether another thread encodes; without it everything happens inside `append`, in an
        /// order that follows from the calls alone.
        package var isConcurrent = true
        /// What all loads share; nil: this one is alone.
        package var places: LoadPlaces?
        /// Bytes of raw rows from which on a segment is cut short.
        package var rawByteCountLimit = 256 << 20
        /// Where the raw rows are counted; nil: nowhere.
        package var memory: MemoryBudget?

        package init(limits: Limits) { self.limits = limits }
    }

    private let definition: TableDefinition
    private let options: Options
    private let appender: Appender
    private let encoder: BulkEncoder
    private let places: LoadPlaces

    /// A builder of segments of `definition`; each takes its number from `nextSegmentID`, which
    /// may be called on another thread.
    package init(
        definition: TableDefinition, disk: any Disk, options: Options,
        nextSegmentID: @escaping @Sendable () -> UInt64
    ) {
        options.limits.checkInvariants()
        self.definition = definition
        self.options = options
        appender = Appender()
        places = options.places ?? LoadPlaces(threadCount: 1)
        encoder = BulkEncoder(
            disk: disk,
            options: SegmentBuilder.Options(
                limits: options.limits, threadCount: options.threadCount),
            isConcurrent: options.isConcurrent, places: places, nextSegmentID: nextSegmentID)
    }

    deinit {
        if !appender.isEnded { abort() }
    }

    /// Rows appended so far. Of the appending thread.
    package var rowCount: Int { appender.rowCount }

    /// Adds the rows of a batch behind all others. One thread at a time; waits when the encoder
    /// is a whole segment behind.
    ///
    /// - Throws: as `BatchAdmission.check`, with nothing changed; or what encoding an earlier
    ///   segment met, and then only `abort` makes sense.
    package func append(_ batch: RowBatch) throws(StorageError) {
        invariant(!appender.isEnded, "no rows come after the end")
        let admitted = try BatchAdmission.check(batch, against: definition)
        try encoder.checkFailure()
        var row = 0
        while row < admitted.rowCount {
            try makeRoom(for: admitted.rowCount - row, of: batch.bytes.count)
            let memtable = appender.memtable ?? makeMemtable()
            appender.memtable = memtable
            let room = options.limits.segmentRows - memtable.rowCount
            let end = min(admitted.rowCount, row + room)
            memtable.append(admitted, rows: row..<end, lsn: 1)
            appender.rowCount += end - row
            row = end
            if memtable.rowCount == options.limits.segmentRows
                || memtable.byteCount >= options.rawByteCountLimit
            {
                try handOver()
            }
        }
    }

    /// Encodes what is left, gives all segments their names and makes the names durable. They
    /// belong to the table once the manifest lists them, in this order.
    ///
    /// - Throws: `rowCountMismatch` when the sender counted other rows; `disk` or
    ///   `corruptSegment`. All files are removed then.
    package func finish(expectedRowCount: Int? = nil) throws(StorageError) -> [SegmentDescriptor] {
        invariant(!appender.isEnded, "a load ends once")
        do throws(StorageError) {
            if let expectedRowCount, expectedRowCount != appender.rowCount {
                throw .rowCountMismatch(expected: expectedRowCount, found: appender.rowCount)
            }
            if appender.memtable != nil { try handOver() }
            appender.isEnded = true
            return try encoder.finish()
        } catch {
            abort()
            throw error
        }
    }

    /// Ends the load and removes its files.
    package func abort() {
        appender.isEnded = true
        appender.memtable = nil
        encoder.abort()
    }

    /// An empty memtable that begins with a whole block, or with as many rows as have a MiB.
    private func makeMemtable() -> Memtable {
        let rowByteCount = 16 * definition.columns.count
        var rows = options.limits.blockRows
        while rows > Limits.vectorRows, rows * rowByteCount > 1 << 20 { rows /= 2 }
        return Memtable(
            definition: definition, limits: options.limits,
            firstChunkRows: max(rows, Limits.vectorRows), memory: options.memory)
    }

    /// Waits for memory for some rows of a batch. When there is none it makes a segment of what is
    /// there, if that is worth one, and waits until it is written; then until others have given
    /// some back.
    ///
    /// - Throws: `overloaded` when nobody does.
    private func makeRoom(for rowCount: Int, of byteCount: Int) throws(StorageError) {
        guard let memory = options.memory else { return }
        func hasRoom() -> Bool {
            let memtable = appender.memtable ?? makeMemtable()
            return memory.hasRoom(
                for: memtable.growthByteCount(adding: min(rowCount, options.limits.segmentRows))
                    + byteCount)
        }
        guard !hasRoom() else { return }
        if (appender.memtable?.byteCount ?? 0) >= memory.ingestFloor / 8 {
            try handOver()
            encoder.settle()
            try encoder.checkFailure()
        }
        var waitCount = 0
        while !hasRoom() {
            // Alone a load always ends: nobody else could give anything back.
            if memory.reservedByteCount == (appender.memtable?.byteCount ?? 0) { return }
            guard waitCount < Self.waitCountLimit else {
                throw .overloaded(retryAfterMilliseconds: 1_000)
            }
            waitCount += 1
            places.waitForMemory(nanoseconds: Self.waitNanoseconds)
        }
    }

    /// How often, and how long each time, a load waits for memory.
    private static let waitCountLimit = 250
    private static let waitNanoseconds: Int64 = 20_000_000

    private func handOver() throws(StorageError) {
        guard let memtable = appender.memtable else { return }
        appender.memtable = nil
        try encoder.encode(memtable)
    }

    private final class Appender: @unchecked Sendable {
        // SAFETY: touched only by the one thread that appends, finishes and aborts.
        var memtable: Memtable?
        var rowCount = 0
        var isEnded = false
    }
}
