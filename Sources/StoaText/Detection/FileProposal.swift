internal import StoaBase
internal import StoaModel

/// What a file seems to hold: how it is written, and which table would take it.
package struct FileProposal: Sendable {
    package var dialect: Dialect
    package var columns: [ParseColumn]
    /// Bytes before the first row: byte order mark and header.
    package var bodyStart: Int
    /// Lines before the first row.
    package var bodyLine: Int
    /// What was looked at.
    package var sampledRowCount: Int
    package var sampledRejectCount: Int
    /// What the samples showed, one profile per cell of a record.
    package var profiles: [ColumnProfile]

    /// What the caller knows better than any guess.
    package struct Wishes: Sendable {
        package var delimiter: UInt8?
        package var hasHeader: Bool?
        package var nullTexts: [[UInt8]] = []

        package init() {}
    }

    /// Looks at the start of a file. `sample` should end between records; a cut record counts as
    /// a reject.
    ///
    /// - Throws: `FileRefusal` when this is no delimited text.
    package static func propose(
        _ sample: TextChunk, wishes: Wishes = Wishes(), rowLimit: Int = 20_000
    ) throws(FileRefusal) -> FileProposal {
        let start = try textStart(sample)
        let delimiter = wishes.delimiter ?? DelimiterGuess.delimiter(of: sample, from: start)
        var splitter = RecordSplitter(sample, delimiter: delimiter, from: start)
        guard let first = splitter.nextRecord(cellLimit: Limits.columnCountLimit + 1) else {
            throw .isEmpty
        }
        guard first.cells.count <= Limits.columnCountLimit else { throw .hasTooManyColumns }
        let text = UnsafeRawPointer(sample.address)
        let cells = first.cells.map { $0.value(in: text) }
        let profiler = ChunkProfiler(
            dialect: Dialect(delimiter: delimiter, nullTexts: wishes.nullTexts),
            cellCount: cells.count)
        let body = profiler.profile(sample, from: splitter.position, rowLimit: rowLimit)
        let hasHeader =
            wishes.hasHeader
            ?? HeaderGuess.isHeader(
                first: cells, body: body.columns,
                repeats: repeats(of: cells, sample, from: splitter.position, delimiter))
        let names =
            hasHeader
            ? ColumnNaming.names(of: cells) : ColumnNaming.names(count: cells.count)
        let found =
            hasHeader
            ? body : profiler.profile(sample, from: start, rowLimit: rowLimit)
        return FileProposal(
            dialect: Dialect(
                delimiter: delimiter, hasHeader: hasHeader, nullTexts: wishes.nullTexts),
            columns: zip(names, found.columns).enumerated().map { position, column in
                ParseColumn(name: column.0, type: column.1.type, position: position)
            },
            bodyStart: hasHeader ? splitter.position : start,
            bodyLine: hasHeader ? splitter.line : 0,
            sampledRowCount: found.rowCount, sampledRejectCount: found.rejectCount,
            profiles: found.columns)
    }

    /// Takes in what another part of the file showed, and chooses the types again.
    package mutating func merge(_ other: ChunkProfiler.Result) {
        for position in profiles.indices where position < other.columns.count {
            profiles[position].merge(other.columns[position])
            columns[position].type = profiles[position].type
        }
        sampledRowCount += other.rowCount
        sampledRejectCount += other.rejectCount
    }

    /// The plan that reads the whole file into a table of the proposed columns.
    package var creatingPlan: ParsePlan {
        ParsePlan(
            dialect: dialect, cellCount: columns.count, columns: columns, stopsAtMismatch: true)
    }

    /// Bytes of the byte order mark in front of the text.
    private static func textStart(_ sample: TextChunk) throws(FileRefusal) -> Int {
        let text = sample.text
        if text.count >= 2, (text[0], text[1]) == (0xFF, 0xFE) || (text[0], text[1]) == (0xFE, 0xFF)
        {
            throw .isUTF16
        }
        guard !text.prefix(1_024).contains(0) else { throw .isBinary }
        let hasMark = text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        return hasMark ? 3 : 0
    }

    /// For each cell of the first record, whether the same text stands below it in the sample.
    private static func repeats(
        of first: [[UInt8]], _ sample: TextChunk, from start: Int, _ delimiter: UInt8
    ) -> [Bool] {
        var repeats = first.map { _ in false }
        var splitter = RecordSplitter(sample, delimiter: delimiter, from: start)
        let text = UnsafeRawPointer(sample.address)
        var recordCount = 0
        while recordCount < 1_000, let record = splitter.nextRecord(cellLimit: first.count) {
            recordCount += 1
            for (position, cell) in record.cells.enumerated()
            where !first[position].isEmpty && cell.bytes(in: text).elementsEqual(first[position]) {
                repeats[position] = true
            }
        }
        return repeats
    }
}

/// Why a file cannot be read as delimited text at all.
package enum FileRefusal: Error, Equatable, Sendable {
    case isEmpty
    case isUTF16
    case isBinary
    case hasTooManyColumns

    /// One clause, and what to do.
    package var message: String {
        switch self {
        case .isEmpty: "the file has no records"
        case .isUTF16: "the file is UTF-16; make it UTF-8 first: iconv -f UTF-16 -t UTF-8"
        case .isBinary: "the file is no text: it has zero bytes"
        case .hasTooManyColumns: "the first record has more than 4,096 columns"
        }
    }
}
