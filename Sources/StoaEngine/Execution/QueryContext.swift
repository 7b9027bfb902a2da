internal import StoaBase
internal import StoaCodec
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// What all workers of one SELECT share and none changes.
final class QueryContext: Sendable {
    let plan: SelectPlan
    let scan: ScanPlan
    let filter: FilterPlan
    let budget: MemoryBudget
    let scratchPool: ScratchPool
    let control: QueryControl
    let interrupts: Interrupts
    let counters = ScanCounters()
    let workerCount: Int
    let groupLimits: GroupLimits
    /// Bytes from which on a batch of the result is full.
    let batchByteCount: Int
    private let spillFiles: SpillFiles

    init(
        plan: SelectPlan, scan: ScanPlan, budget: MemoryBudget, database: Database,
        control: QueryControl
    ) {
        self.plan = plan
        self.scan = scan
        filter = FilterPlan(plan.filter)
        self.budget = budget
        scratchPool = database.scratchPool
        batchByteCount = database.options.batchByteCount
        workerCount = database.pool.workerCount
        groupLimits = database.options.groupLimits
        spillFiles = database.spillFiles
        self.control = control
        interrupts = Interrupts(control, database.pool)
    }

    /// A file for what finds no room in memory; it is there from its first use on.
    func makeSpillFile() -> SpillFile {
        spillFiles.make { [counters] in counters.didSpill(bytes: $0) }
    }

    func makeScratch() -> Scratch {
        Scratch(pool: scratchPool, budget: budget, interrupts: interrupts)
    }

    /// Before rows go out: what was read so far is what was written.
    func checkReads() throws(ServiceError) {
        do throws(StorageError) { try scan.reads.check() } catch { throw error.serviceError }
    }

    /// The same for the rows of one block.
    func checkReads(of block: ScanBlock?) throws(ServiceError) {
        guard let block else { return }
        do throws(StorageError) { try scan.reads.check(block) } catch { throw error.serviceError }
    }

    /// Throws when the query was cancelled or has run out of time.
    func checkInterrupts() throws(ServiceError) { try interrupts.check() }
}

/// What a scan touched.
final class ScanCounters: @unchecked Sendable {
    // SAFETY: the counts are touched only while `lock` is held.
    private let lock = Lock()
    private var rows = 0
    private var blocks = 0
    private var bytes = 0
    private var skippedRows = 0
    private var skippedBlocks = 0
    private var spilledBytes = 0
    private var encodings: [String: Int] = [:]
    /// Set before the query starts.
    var countsEncodings = false

    func didScan(rows: Int, blocks: Int = 1, bytes: Int) {
        lock.withLock {
            self.rows += rows
            self.bytes += bytes
            self.blocks += blocks
        }
    }

    func didSkip(rows: Int, blocks: Int) {
        lock.withLock {
            skippedRows += rows
            skippedBlocks += blocks
        }
    }

    /// Bytes written because they did not fit into memory.
    func didSpill(bytes: Int) { lock.withLock { spilledBytes += bytes } }

    /// A block of a column was opened; called once per block, not per row.
    func didOpen(_ reader: ColumnReader) {
        guard countsEncodings else { return }
        let name = reader.encoded?.rootEncoding.name ?? "unsealed"
        lock.withLock { encodings[name, default: 0] += 1 }
    }

    /// What only EXPLAIN ANALYZE shows.
    var details: (spilledBytes: Int, encodings: [String: Int]) {
        lock.withLock { (spilledBytes, encodings) }
    }

    func fill(_ summary: inout QuerySummary) {
        lock.withLock {
            summary.rowsScanned = rows
            summary.blocksScanned = blocks
            summary.bytesRead = bytes
            summary.rowsSkipped = skippedRows
            summary.blocksSkipped = skippedBlocks
        }
    }
}
