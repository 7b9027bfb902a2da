internal import StoaClient
internal import StoaText
internal import StoaWire

/// Loads one file: read, cut, parse on several threads, send in order, commit once.
struct FileImport {
    let connection: Connection
    let file: InputFile
    let table: String
    let label: String?
    let options: ImportOptions
    let rejects: RejectFile
    /// The time column of a new table.
    let timeColumn: String?

    /// What became of a file.
    struct Outcome {
        var rowCount = 0
        var rejectCount = 0
        var seconds = 0.0
        var wasRestarted = false
    }

    private enum Pass {
        case done(rowCount: Int)
        case mismatch
    }

    /// Loads the file into a new table of the proposed columns. If a row disagrees with the
    /// proposal, the load is given up, the whole file looked at, and the load begun once more.
    func create(_ proposal: FileProposal) async throws -> Outcome {
        let rejectsBefore = rejects.count
        var progress = ImportProgress(name: file.name, byteCount: file.byteCount)
        defer { progress.clear() }
        var outcome = Outcome()
        var proposal = proposal
        var pass = try await createOnce(proposal, &progress)
        if case .mismatch = pass {
            outcome.wasRestarted = true
            if rejectsBefore == 0 { rejects.restart() }
            proposal.merge(try await profileAll(proposal, &progress))
            pass = try await createOnce(proposal, &progress)
        }
        guard case .done(let rowCount) = pass else {
            throw Failure.local("\(file.path): the file changed while it was read")
        }
        outcome.rowCount = rowCount
        outcome.rejectCount = rejects.count - rejectsBefore
        outcome.seconds = progress.elapsedSeconds
        return outcome
    }

    /// Loads the file into a table that is there.
    func append(_ proposal: FileProposal) async throws -> Outcome {
        let rejectsBefore = rejects.count
        var progress = ImportProgress(name: file.name, byteCount: file.byteCount)
        defer { progress.clear() }
        let load = try await connection.openBulk(table: table, label: label)
        do {
            guard let schema = load.schema else {
                throw Failure.local("the server does not tell the columns of \(table)")
            }
            let plan = try TableMatch.plan(proposal, into: schema, table: table)
            let pass = try await send(plan, proposal, load, &progress)
            guard case .done(let rowCount) = pass else { return Outcome() }
            return Outcome(
                rowCount: rowCount, rejectCount: rejects.count - rejectsBefore,
                seconds: progress.elapsedSeconds)
        } catch {
            if !(error is ClientError) { await load.abort() }
            throw error
        }
    }

    private func createOnce(
        _ proposal: FileProposal, _ progress: inout ImportProgress
    ) async throws -> Pass {
        let schema = TableSchema(
            columns: proposal.columns.map {
                TableSchema.Column(name: $0.name, type: $0.type, isNullable: true)
            }, timeColumnIndex: proposal.columns.firstIndex { $0.name == timeColumn })
        let load = try await connection.openBulk(table: table, schema: schema, label: label)
        do {
            let pass = try await send(proposal.creatingPlan, proposal, load, &progress)
            if case .mismatch = pass { await load.abort() }
            return pass
        } catch {
            if !(error is ClientError) { await load.abort() }
            throw error
        }
    }

    /// Parses and sends the whole file and commits; or stops at a mismatch without a commit.
    private func send(
        _ plan: ParsePlan, _ proposal: FileProposal, _ load: BulkLoad,
        _ progress: inout ImportProgress
    ) async throws -> Pass {
        var reader = ChunkReader(
            file, delimiter: proposal.dialect.delimiter, from: proposal.bodyStart,
            chunkByteCount: options.chunkByteCount)
        let pool = ParserPool(plan)
        var work = OrderedWork<ParsedChunk>(width: options.threadCount)
        var lineCount = proposal.bodyLine
        var rowCount = 0
        let earlierRejectCount = rejects.count
        var isRead = false
        while true {
            while !isRead, work.hasRoom {
                guard let chunk = try reader.next() else {
                    isRead = true
                    break
                }
                work.begin { pool.parse(chunk) }
            }
            guard let parsed = await work.next() else { break }
            if parsed.hasMismatch { return .mismatch }
            try rejects.append(
                parsed.rejects.map { record in
                    var record = record
                    record.line += lineCount + 1
                    return record
                }, of: file.path)
            for batch in parsed.batches {
                try await load.send(batch.bytes, rowCount: batch.rowCount)
            }
            lineCount += parsed.lineCount
            rowCount += parsed.rowCount
            progress.show(
                "loading", consumedByteCount: reader.consumedByteCount, rowCount: rowCount)
        }
        guard rowCount > 0 || rejects.count == earlierRejectCount else {
            await load.abort()
            return .done(rowCount: 0)
        }
        let committed = try await load.commit()
        return .done(rowCount: Int(clamping: committed.rowCount))
    }

    /// Looks at every value of the file.
    private func profileAll(
        _ proposal: FileProposal, _ progress: inout ImportProgress
    ) async throws -> ChunkProfiler.Result {
        var reader = ChunkReader(
            file, delimiter: proposal.dialect.delimiter, from: proposal.bodyStart,
            chunkByteCount: options.chunkByteCount)
        let profiler = ChunkProfiler(
            dialect: proposal.dialect, cellCount: proposal.columns.count)
        var work = OrderedWork<ChunkProfiler.Result>(width: options.threadCount)
        var total = ChunkProfiler.Result(cellCount: proposal.columns.count)
        var isRead = false
        while true {
            while !isRead, work.hasRoom {
                guard let chunk = try reader.next() else {
                    isRead = true
                    break
                }
                work.begin { profiler.profile(chunk) }
            }
            guard let part = await work.next() else { return total }
            total.merge(part)
            progress.show(
                "looking at", consumedByteCount: reader.consumedByteCount,
                rowCount: total.rowCount)
        }
    }
}
