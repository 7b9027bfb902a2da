internal import StoaBase
internal import StoaModel
internal import StoaStorage

/// The system tables about what goes on.
extension SystemSource {
    func addQueries(_ rows: inout SystemRows) {
        for record in database.queries.records {
            let status = record.status
            let summary = status.summary
            rows.append([
                .number(record.id), .text(status.state.rawValue),
                .timestamp(record.startMicroseconds),
                .float(Double(status.elapsedNanoseconds) / 1e6), .count(summary.rowCount),
                .count(summary.rowsScanned), .count(summary.rowsSkipped),
                .count(summary.blocksScanned), .count(summary.blocksSkipped),
                .count(summary.bytesRead), .count(status.memoryByteCount),
                .count(status.peakMemoryByteCount), .text(status.error?.name),
                .text(record.client), .text(String(decoding: record.text, as: UTF8.self)),
            ])
        }
    }

    func addErrors(_ rows: inout SystemRows) {
        for failures in database.queries.errors {
            rows.append([
                .number(UInt64(failures.code.rawValue)), .text(failures.code.name),
                .count(failures.count), .timestamp(failures.lastTime),
                failures.lastQueryID.map { Literal.number($0) } ?? .null,
                .text(failures.lastMessage),
            ])
        }
    }

    func addSettings(_ rows: inout SystemRows) {
        for setting in settings.rows { rows.append(setting) }
    }

    func addMetrics(_ rows: inout SystemRows) {
        let totals = database.queries.totals
        let pool = database.pool.counts
        let segments = snapshot.tables.values.flatMap(\.segments.segments)
        let memtables = snapshot.tables.values.flatMap(\.memtables)
        let uptime = HostClock.monotonicNanoseconds() - database.startNanoseconds
        let metrics: [(String, Int, String)] = [
            ("uptime_seconds", Int(uptime / 1_000_000_000), "Since the database was opened."),
            ("workers", database.pool.workerCount, "Threads that run queries."),
            ("statements_running", database.queries.runningCount, "This one among them."),
            ("queries_running", pool.running, "Queries that read tables now."),
            ("queries_queued", pool.waiting, "Queries that wait to run."),
            (
                "queries_waiting_for_memory", pool.hungry,
                "Queries that found no memory and begin anew when there is some."
            ),
            ("queries_refused", pool.refused, "Queries refused because too many waited."),
            ("statements_finished", totals.finished, "Statements that ended well."),
            ("statements_failed", totals.failed, "Statements that ended with an error."),
            ("statements_cancelled", totals.cancelled, "Statements that were cancelled."),
            ("rows_read", totals.rowsRead, "Rows of the blocks that queries read."),
            ("rows_skipped", totals.rowsSkipped, "Rows of blocks that needed no reading."),
            ("bytes_read", totals.bytesRead, "Encoded bytes of the blocks that were read."),
            ("memory_bytes", database.budget.reservedByteCount, "Memory of all queries now."),
            ("memory_peak_bytes", database.budget.peakByteCount, "Most memory of all queries."),
            (
                "memory_limit_bytes", database.budget.byteCountLimit,
                "Most they may have together with ingest."
            ),
            (
                "ingest_memory_bytes", database.ingestBudget.reservedByteCount,
                "Memory of batches that wait, of rows in memory and of loads."
            ),
            (
                "ingest_memory_peak_bytes", database.ingestBudget.peakByteCount,
                "Most memory of those."
            ),
            (
                "ingest_memory_limit_bytes", database.ingestBudget.byteCountLimit,
                "From here on batches are refused and loads make smaller segments."
            ),
            ("generation", Int(clamping: snapshot.generation), "The last change that is seen."),
            ("tables", snapshot.catalog.tables.count, "Tables."),
            ("segments", segments.count, "Segment files of all tables."),
            ("segment_rows", segments.reduce(0) { $0 + $1.rowCount }, "Rows in them."),
            (
                "segment_bytes", segments.reduce(0) { $0 + Int($1.descriptor.byteCount) },
                "Bytes of them."
            ),
            ("memtable_bytes", memtables.reduce(0) { $0 + $1.byteCount }, "Rows in memory only."),
        ]
        for (name, value, summary) in metrics {
            rows.append([.text(name), .count(value), .text(summary)])
        }
        for metric in storeMetrics + memoryMetrics + database.options.metrics() {
            rows.append([.text(metric.name), .count(metric.value), .text(metric.summary)])
        }
    }

    /// What each share of the process's memory holds, and the most it may hold.
    private var memoryMetrics: [Metric] {
        database.memory.shares.flatMap { name, budget in
            [
                Metric(
                    "memory_\(name)_bytes", budget.reservedByteCount,
                    "Memory of the share \(name) now."),
                Metric(
                    "memory_\(name)_limit_bytes", budget.byteCountLimit,
                    "Most that the share \(name) may have."),
            ]
        }
    }

    /// What storage counts.
    private var storeMetrics: [Metric] {
        let counts = database.store.counts
        var metrics = [
            Metric("batches_stored", counts.batchCount, "Batches that were acknowledged."),
            Metric("rows_stored", counts.rowCount, "Rows of them, INSERT and INGEST alike."),
            Metric(
                "batches_duplicate", counts.duplicateBatchCount,
                "Batches that had been stored before."),
            Metric("batches_refused", counts.refusedBatchCount, "Batches that were not stored."),
            Metric("seals", counts.sealCount, "Memtables that became segments."),
            Metric("sealed_bytes", counts.sealedByteCount, "Bytes of those segments."),
            Metric("manifests", counts.manifestCount, "Manifests that were made current."),
            Metric("log_bytes", counts.logByteCount, "Log files that a recovery would read."),
            Metric(
                "writable", database.writeRefusal == nil ? 1 : 0,
                "1: rows are stored; 0: they are refused, `stoa ping` says why."),
        ]
        if let free = counts.freeByteCount {
            metrics.append(Metric("disk_free_bytes", free, "Free where the data is."))
        }
        return metrics
    }
}
