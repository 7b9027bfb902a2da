internal import StoaClient
internal import StoaText
internal import StoaWire

/// Loads files as one: read, cut, parse on several threads, send in order, commit once.
struct FileImport {
    let connection: Connection
    let table: String
    let label: String?
    let options: ImportOptions
    let rejects: RejectFile
    /// The time column of a new table.
    let timeColumn: String?

    /// What became of the files.
    struct Outcome {
        var rowCount = 0
        var rejectCount = 0
        var seconds = 0.0
        var wasRestarted = false
        /// The columns that got another type on the way, one line each.
        var changes = ""
    }

    /// Where a row disagrees with the types that the samples showed.
    private struct Mismatch: Error { var fileName: String }

    /// Loads the files into a new table of the proposed columns. If a row disagrees with the
    /// proposal, the load is given up, all files looked at, and the load begun once more; a row
    /// that disagrees even then is rejected.
    func create(_ set: FileSet) async throws -> Outcome {
        var set = set
        var progress = ImportProgress(set.files)
        defer { progress.clear() }
        var outcome = Outcome()
        do {
            outcome.rowCount = try await createOnce(set, stopsAtMismatch: true, &progress)
        } catch let mismatch as Mismatch {
            try checkRestart(set, mismatch)
            outcome.wasRestarted = true
            rejects.restart()
            var results: [ChunkProfiler.Result] = []
            for part in set.parts { results.append(try await profileAll(part, &progress)) }
            let changed = set.widen(by: results)
            outcome.changes = ImportReport.changes(set.parts[0].proposal, at: changed)
            outcome.rowCount = try await createOnce(set, stopsAtMismatch: false, &progress)
        }
        outcome.rejectCount = rejects.count
        outcome.seconds = progress.elapsedSeconds
        return outcome
    }

    /// Loads the files into a table that is there.
    func append(_ set: FileSet) async throws -> Outcome {
        var progress = ImportProgress(set.files)
        defer { progress.clear() }
        let load = try await connection.openBulk(table: table, label: label)
        let rowCount = try await abortingOnError(load) {
            guard let schema = load.schema else {
                throw Failure.local("the server does not tell the columns of \(table)")
            }
            let plans = try set.parts.map {
                try TableMatch.plan($0.proposal, into: schema, table: table)
            }
            return try await send(set, plans, load, &progress)
        }
        return Outcome(
            rowCount: rowCount, rejectCount: rejects.count, seconds: progress.elapsedSeconds)
    }

    private func createOnce(
        _ set: FileSet, stopsAtMismatch: Bool, _ progress: inout ImportProgress
    ) async throws -> Int {
        let columns = set.columns
        let schema = TableSchema(
            columns: columns.map {
                TableSchema.Column(name: $0.name, type: $0.type, isNullable: true)
            }, timeColumnIndex: columns.firstIndex { $0.name == timeColumn })
        let load = try await openNew(schema)
        return try await abortingOnError(load) {
            let plans = set.parts.map { part in
                var plan = set.creatingPlan(part)
                plan.stopsAtMismatch = stopsAtMismatch
                return plan
            }
            return try await send(set, plans, load, &progress)
        }
    }

    /// Opens a load that makes the table. Where a label says that the load may have been
    /// committed before, "it is loaded" is a better answer than "the table exists".
    private func openNew(_ schema: TableSchema) async throws -> BulkLoad {
        do {
            return try await connection.openBulk(table: table, schema: schema, label: label)
        } catch let error as ClientError where error.code == .tableExists && label != nil {
            await (try connection.openBulk(table: table, label: label)).abort()
            throw error
        }
    }

    private func abortingOnError(
        _ load: BulkLoad, _ body: () async throws -> Int
    ) async throws -> Int {
        do {
            return try await body()
        } catch {
            if !(error is ClientError) { await load.abort() }
            throw error
        }
    }

    /// Parses and sends all files and commits.
    ///
    /// - Throws: `Mismatch` where a plan stops at one; nothing is committed then.
    private func send(
        _ set: FileSet, _ plans: [ParsePlan], _ load: BulkLoad, _ progress: inout ImportProgress
    ) async throws -> Int {
        progress.begin()
        var rowCount = 0
        do {
            for (part, plan) in zip(set.parts, plans) {
                rowCount += try await send(part, plan, load, rowCount, &progress)
            }
            for file in set.files { try file.checkUnchanged() }
        } catch let error as ClientError where CommitDoubt.isDoubtful(error) {
            throw CommitDoubt.nothingStored(error, table: table)
        }
        guard rowCount > 0 || rejects.count == 0 else {
            await load.abort()
            return 0
        }
        let doubt = CommitDoubt(table: table, label: label, rowCount: rowCount)
        return try await doubt.guarding { Int(clamping: try await load.commit().rowCount) }
    }

    /// Parses and sends one file; its rows.
    private func send(
        _ part: FileSet.Part, _ plan: ParsePlan, _ load: BulkLoad, _ earlierRowCount: Int,
        _ progress: inout ImportProgress
    ) async throws -> Int {
        let pool = ParserPool(plan)
        var work = OrderedWork<ParsedChunk>(width: options.threadCount)
        var reader = try reader(of: part)
        var lineCount = part.proposal.bodyLine
        var footer = FooterFilter(bodyLine: lineCount)
        var rowCount = 0
        var isRead = false
        while true {
            while !isRead, work.hasRoom {
                switch try reader.next() {
                case .records(let chunk): work.begin { pool.parse(chunk) }
                case .overlong(let start, let lineCount):
                    work.begin { Self.rejectOverlong(start, lineCount: lineCount) }
                case nil: isRead = true
                }
            }
            guard let parsed = await work.next() else { break }
            if parsed.hasMismatch { throw Mismatch(fileName: part.file.name) }
            let found = parsed.rejects.map { $0.moved(by: lineCount) }
            let sure = footer.take(found, lastRowLine: parsed.lastRowLine.map { $0 + lineCount })
            try rejects.append(sure.map { $0.moved(by: 1) }, of: part.file.path)
            rejects.pass(parsed.passedRecordCount)
            for batch in parsed.batches {
                try await load.send(batch.bytes, rowCount: batch.rowCount)
            }
            lineCount += parsed.lineCount
            rowCount += parsed.rowCount
            progress.show(
                "loading", rawByteCount: reader.rawByteCount, rowCount: earlierRowCount + rowCount)
        }
        let end = footer.finish()
        try rejects.append(end.rejects.map { $0.moved(by: 1) }, of: part.file.path)
        rejects.pass(end.footerCount)
        progress.finishFile(rawByteCount: reader.rawByteCount)
        return rowCount
    }

    private static func rejectOverlong(_ start: [UInt8], lineCount: Int) -> ParsedChunk {
        var parsed = ParsedChunk()
        parsed.rejects = [
            RejectedRecord(line: 0, reason: "a line longer than 8 MiB", text: start)
        ]
        parsed.lineCount = lineCount
        return parsed
    }

    private func reader(of part: FileSet.Part) throws -> ChunkReader {
        try ChunkReader(
            part.file.text(), dialect: part.proposal.dialect,
            from: part.proposal.bodyStart, chunkByteCount: options.chunkByteCount)
    }

    /// - Throws: `Failure` when a file cannot be read once more.
    private func checkRestart(_ set: FileSet, _ mismatch: Mismatch) throws {
        guard let file = set.files.first(where: { !$0.canRestart }) else { return }
        throw Failure.local(
            "\(mismatch.fileName): a row does not fit the types that the first rows showed, "
                + "and \(file.name) is too long to be read once more; nothing was loaded",
            hint: "Save it to a file first and import that, or make the table with wider types.")
    }

    /// Looks at every value of a file.
    private func profileAll(
        _ part: FileSet.Part, _ progress: inout ImportProgress
    ) async throws -> ChunkProfiler.Result {
        let proposal = part.proposal
        var reader = try reader(of: part)
        let profiler = proposal.profiler
        var work = OrderedWork<ChunkProfiler.Result>(width: options.threadCount)
        var total = ChunkProfiler.Result(cellCount: proposal.cellCount)
        progress.begin()
        var isRead = false
        while true {
            while !isRead, work.hasRoom {
                switch try reader.next() {
                case .records(let chunk): work.begin { profiler.profile(chunk) }
                case .overlong: continue
                case nil: isRead = true
                }
            }
            guard let shown = await work.next() else { return total }
            total.merge(shown)
            progress.show(
                "looking at", rawByteCount: reader.rawByteCount, rowCount: total.rowCount)
        }
    }
}
