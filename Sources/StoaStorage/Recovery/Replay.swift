internal import StoaBase
internal import StoaModel

/// Applies log records to memory, by the rules of live traffic. Changes nothing on the disk.
struct Replay {
    private let manifest: Manifest
    private let limits: Limits
    private let memory: MemoryBudget?
    private var tables: [TableID: ManifestTable] = [:]
    /// Replayed rows by table, oldest first.
    private(set) var memtables: [TableID: [Memtable]] = [:]
    private(set) var producers: ProducerTable
    private(set) var lsn: UInt64
    /// Records whose rows are in no segment: what the next log has to hold.
    private(set) var liveRecords: [LogRecord] = []

    init(_ manifest: Manifest, limits: Limits, memory: MemoryBudget? = nil) {
        self.manifest = manifest
        self.limits = limits
        self.memory = memory
        producers = manifest.producers
        lsn = manifest.lsn
        for table in manifest.tables {
            tables[table.definition.id] = table
        }
    }

    /// Takes in one record.
    ///
    /// - Throws: `corruptLog` when a record whose checksums agree makes no sense.
    mutating func apply(_ record: LogRecord) throws(StorageError) {
        guard let payload = BatchPayload.decode(record.payload) else {
            throw damage(record, "its payload is no batch")
        }
        guard payload.tableID < manifest.nextTableID else {
            throw damage(record, "its table was never made")
        }
        if wasRefused(record) { return }
        try remember(record, payload)
        lsn = max(lsn, record.header.lsn)
        guard let table = tables[payload.tableID], record.header.lsn > table.sealedLSN
        else { return }
        let definition = table.definition
        let admitted = try admit(record, payload, table)
        var list = memtables[payload.tableID] ?? []
        if list.last.map({ $0.rowCount >= limits.segmentRows }) ?? true {
            list.append(Memtable(definition: definition, limits: limits, memory: memory))
        }
        list.last?.append(admitted, lsn: record.header.lsn)
        memtables[payload.tableID] = list
        liveRecords.append(record)
    }

    /// Whether the disk was full when the record was written, so that its sender was refused, and
    /// a change of tables took the number again. All that a manifest's number covers was durable
    /// when the manifest was made.
    private func wasRefused(_ record: LogRecord) -> Bool {
        record.header.lsn <= manifest.lsn && record.header.lsn > manifest.log.durableLSN
    }

    /// Producers as of the manifest are known; what came later is judged again.
    private mutating func remember(
        _ record: LogRecord, _ payload: BatchPayload
    ) throws(StorageError) {
        guard record.header.lsn > manifest.lsn, !payload.origin.isNone else { return }
        let fingerprint = BatchPayload.fingerprint(
            tableID: payload.tableID, batch: payload.batch)
        do throws(StorageError) {
            let verdict = try producers.judge(payload.origin, fingerprint: fingerprint)
            guard verdict == .accept else { throw damage(record, "its batch is there twice") }
        } catch {
            throw damage(record, "its producer's numbers do not go on")
        }
        producers.accept(
            payload.origin,
            ProducerState.Batch(lsn: record.header.lsn, fingerprint: fingerprint),
            time: record.header.time)
    }

    private func admit(
        _ record: LogRecord, _ payload: BatchPayload, _ table: ManifestTable
    ) throws(StorageError) -> AdmittedBatch {
        let batch: RowBatch
        do throws(BatchError) {
            batch = try RowBatch.decode(payload.batch)
        } catch {
            throw damage(record, "its batch cannot be read")
        }
        do throws(StorageError) {
            return try BatchAdmission.check(
                batch, columnIDs: payload.columnIDs, against: table.definition,
                nextColumnID: table.nextColumnID)
        } catch {
            throw damage(record, "its batch does not fit its table")
        }
    }

    private func damage(_ record: LogRecord, _ reason: String) -> StorageError {
        .corruptLog(
            CorruptLog(
                path: record.path, byteOffset: record.offset, firstLSN: record.header.lsn,
                lastLSN: record.header.lsn, reason: reason))
    }
}
