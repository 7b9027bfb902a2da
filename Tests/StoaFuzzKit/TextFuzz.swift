internal import StoaBase
internal import StoaModel
internal import StoaQuery
internal import StoaText

/// What people and programs send: batches, files and statements.
enum TextFuzz {
    /// A batch that is accepted is read cell by cell.
    static func batch(_ input: UnsafeRawBufferPointer) {
        guard let batch = try? RowBatch.decode(ExactBytes(input).view) else { return }
        for column in batch.columns {
            for row in 0..<min(batch.rowCount, 2_000) where !column.isNull(row) {
                _ = column.literal(row)
            }
        }
    }

    /// A file is proposed, parsed, and its batches are such as the server takes. What was looked
    /// at whole is read without a contradiction, and no row of it is lost.
    static func csv(_ input: UnsafeRawBufferPointer) {
        guard input.count <= 1 << 16 else { return }
        guard let proposal = try? FileProposal.propose(TextChunk(input)) else { return }
        var body = input
        if proposal.bodyStart > 0 {
            body = UnsafeRawBufferPointer(rebasing: input[proposal.bodyStart...])
        }
        var whole = proposal
        let shown = whole.profiler.profile(TextChunk(body))
        whole.settle(shown)
        let parsed = ChunkParser(whole.creatingPlan).parse(TextChunk(body))
        invariant(!parsed.hasMismatch, "the parser takes what the detection accepted")
        invariant(
            parsed.rowCount + parsed.rejects.count == shown.rowCount + shown.rejectCount,
            "every record is a row or a reject")
        var plan = proposal.creatingPlan
        plan.batchRowLimit = 1_024
        for stops in [true, false] {
            plan.stopsAtMismatch = stops
            for batch in ChunkParser(plan).parse(TextChunk(body)).batches {
                let isRead = (try? RowBatch.decode(Bytes(batch.bytes))) != nil
                invariant(isRead, "a parsed file becomes valid batches")
            }
        }
    }

    /// A file becomes text in pieces; what it is is asked of its head.
    static func input(_ input: UnsafeRawBufferPointer) {
        guard let choice = input.first else { return }
        var rest = UnsafeRawBufferPointer(rebasing: input[1...])
        _ = ForeignFormat.detected(in: rest)
        let compressions: [Compression?] = [nil, .gzip, .zstd, Compression.detected(in: rest)]
        let encoding = TextEncoding.allCases[Int(choice >> 2 & 7) % TextEncoding.allCases.count]
        let pipeline = InputPipeline(
            compression: compressions[Int(choice & 3)], encoding: encoding.resolved(by: rest),
            bufferByteCount: 16 << Int(choice >> 5))
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_000, alignment: 1)
        defer { room.deallocate() }
        var total = 0
        while total < 4 << 20 {
            let count = try? pipeline.read(into: room) { wanted in
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(wanted.count))
                wanted.copyMemory(from: piece)
                rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
                return piece.count
            }
            guard let count, count > 0 else { return }
            total += count
        }
    }

    static let catalog = Catalog(tables: [
        TableDefinition(
            id: 1, name: "t",
            columns: types.enumerated().map {
                ColumnDefinition(id: UInt32($0 + 1), name: $1.0, type: $1.1)
            }, timeColumnID: 7)
    ])

    private static let types: [(String, ColumnType)] = [
        ("b", .bool), ("i", .int64), ("u", .uint64), ("f", .float64), ("r", .float32),
        ("p", .decimal(precision: 18, scale: 4)), ("ts", .timestamp), ("d", .date),
        ("s", .string), ("k", .int8),
    ]

    /// A statement is parsed and bound.
    static func sql(_ input: UnsafeRawBufferPointer) {
        guard let statement = try? Parser.parse(input) else { return }
        _ = try? Binder.bind(statement, catalog: catalog)
    }
}
