internal import StoaBase
package import StoaModel

/// What a file seems to hold: how it is written, and which table would take it.
package struct FileProposal: Sendable {
    package var dialect: Dialect
    package private(set) var columns: [ParseColumn]
    /// Why each column has its type, and what there is to say about it.
    package private(set) var reasons: [(reason: String, note: String?)]
    /// Cells of a record; not all need be columns.
    package let cellCount: Int
    /// Cells that have no name and no value so far.
    package let emptyPositions: [Int]
    /// Bytes before the first row: byte order mark, what stands above the table, and header.
    package var bodyStart: Int
    /// Where the table ends, if something stands below it that is no row.
    package var bodyEnd: Int?
    /// Lines before the first row.
    package var bodyLine: Int
    /// Lines above the header, or above the first row where there is none.
    package let skippedLineCount: Int
    /// What was looked at.
    package var sampledRowCount: Int
    package var sampledRejectCount: Int
    /// What the samples showed, one profile per cell of a record.
    package private(set) var profiles: [ColumnProfile]
    /// What should be said about the file, one sentence each.
    package private(set) var notes: [String]
    private let wishes: Wishes

    /// What the caller knows better than any guess.
    package struct Wishes: Sendable {
        package var delimiter: UInt8?
        /// nil: detected; `.some(nil)`: there are no quotes.
        package var quote: UInt8??
        package var comment: UInt8?
        package var hasHeader: Bool?
        /// Lines at the start that are passed over unseen.
        package var skippedLineCount = 0
        package var nullTexts: [[UInt8]] = []
        package var types: [(name: String, type: ColumnType)] = []
        package var rules = ProfileRules()
        /// Whether the sample is all of the file.
        package var isWholeFile = false

        package init() {}
    }

    /// Looks at the start of a file. `sample` should end between records; a cut record counts as
    /// a reject.
    ///
    /// - Throws: `FileRefusal` when this is no delimited text, or no table is found in it.
    package static func propose(
        _ sample: TextChunk, wishes: Wishes = Wishes(), rowLimit: Int = 20_000
    ) throws(FileRefusal) -> FileProposal {
        var start = try textStart(sample)
        var wishes = wishes
        var dialect = Dialect(nullTexts: wishes.nullTexts)
        dialect.comment = wishes.comment
        var skipper = RecordSplitter(sample, dialect: Dialect(quote: nil), from: start)
        skipper.skipLines(wishes.skippedLineCount)
        if let named = separatorLine(sample, from: skipper.position) {
            wishes.delimiter = wishes.delimiter ?? named
            skipper.skipLines(1)
        }
        start = skipper.position
        dialect.quote =
            wishes.quote ?? DelimiterGuess.quote(of: sample, from: start, dialect: dialect)
        let found = DelimiterGuess.choose(
            sample, from: start, dialect: dialect,
            delimiters: wishes.delimiter.map { [$0] } ?? Dialect.knownDelimiters,
            rules: wishes.rules)
        if found.records.isEmpty { throw .isEmpty }
        if wishes.delimiter == nil { try ShapelessText.check(found, sample) }
        var layout = try TableLayout(
            found, sample, hasHeader: wishes.hasHeader, rules: wishes.rules)
        layout.skippedLineCount += skipper.line
        layout.bodyLine += skipper.line
        return try FileProposal(layout, sample, wishes, rowLimit: rowLimit)
    }

    private init(
        _ layout: TableLayout, _ sample: TextChunk, _ wishes: Wishes, rowLimit: Int
    ) throws(FileRefusal) {
        if let header = layout.header, !header.allSatisfy({ $0.withUnsafeBytes(UTF8Check.isValid) })
        {
            throw .hasForeignHeader
        }
        let profiler = ChunkProfiler(
            dialect: layout.dialect, cellCount: layout.cellCount, rules: wishes.rules)
        let body =
            wishes.isWholeFile
            ? profiler.profileToEnd(sample, from: layout.bodyStart, rowLimit: rowLimit)
            : profiler.profile(sample, from: layout.bodyStart, rowLimit: rowLimit)
        var empty = layout.emptyPositions
        // A delimiter behind every row, or a spreadsheet's unused columns.
        while let header = layout.header,
            let last = (0..<layout.cellCount).last(where: { !empty.contains($0) }),
            last > 0, header[last].isEmpty, body.columns[last].valueCount == 0
        {
            empty.append(last)
        }
        dialect = layout.dialect
        cellCount = layout.cellCount
        emptyPositions = empty.sorted()
        bodyStart = layout.bodyStart
        bodyLine = layout.bodyLine
        skippedLineCount = layout.skippedLineCount
        sampledRowCount = body.rowCount
        sampledRejectCount = body.rejectCount
        profiles = body.columns
        notes = layout.notes
        if body.endsWithTotal {
            notes.append("the last row looked at begins with a word for a total; it is a row too")
        }
        self.wishes = wishes
        let positions = (0..<layout.cellCount).filter { !empty.contains($0) }
        let names =
            layout.header.map { header in ColumnNaming.names(of: positions.map { header[$0] }) }
            ?? ColumnNaming.names(count: positions.count)
        columns = zip(names, positions).map {
            ParseColumn(name: $0, type: .string, position: $1)
        }
        reasons = columns.map { _ in ("", nil) }
        try checkTypes(names)
        chooseTypes()
    }

    private func checkTypes(_ names: [String]) throws(FileRefusal) {
        for wish in wishes.types where !names.contains(where: { Names.isEqual($0, wish.name) }) {
            throw .hasNoColumn(wish.name, nearest: Suggestion.nearest(to: wish.name, among: names))
        }
    }

    /// Gives every column the type that its profile asks for, or the caller.
    private mutating func chooseTypes() {
        let evidence = ColumnChoice.evidence(profiles, wishes.rules)
        for index in columns.indices {
            let choice = ColumnChoice(
                profiles[columns[index].position], wishes.rules, evidence)
            columns[index].reading = choice.reading
            reasons[index] = (choice.reason, choice.note)
            let wish = wishes.types.first { Names.isEqual($0.name, columns[index].name) }
            if let wish {
                columns[index].reading = choice.reading.as(wish.type)
                reasons[index] = ("as given", nil)
            }
        }
    }

    /// Looks at records as this proposal reads them.
    package var profiler: ChunkProfiler {
        ChunkProfiler(dialect: dialect, cellCount: cellCount, rules: wishes.rules)
    }

    /// Takes in what another part of the file, or another file, showed, and chooses the types
    /// again.
    package mutating func merge(_ other: ChunkProfiler.Result) {
        for position in profiles.indices where position < other.columns.count {
            profiles[position].merge(other.columns[position])
        }
        sampledRowCount += other.rowCount
        sampledRejectCount += other.rejectCount
        chooseTypes()
    }

    /// Takes in what all rows of the file showed, and chooses the types again.
    package mutating func settle(_ whole: ChunkProfiler.Result) {
        for position in profiles.indices where position < whole.columns.count {
            profiles[position].merge(whole.columns[position], rowOffset: 0)
        }
        chooseTypes()
    }

    /// The plan that reads the whole file into a table of the proposed columns.
    package var creatingPlan: ParsePlan {
        var plan = ParsePlan(
            dialect: dialect, cellCount: cellCount, columns: columns, stopsAtMismatch: true)
        plan.emptyPositions = emptyPositions
        return plan
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

    /// The delimiter that a line `sep=;` names, as spreadsheets write it.
    private static func separatorLine(_ sample: TextChunk, from start: Int) -> UInt8? {
        let line = sample.text[start...].prefix(7).prefix { $0 != Dialect.lineFeed }
        let bytes = line.filter { $0 != Dialect.carriageReturn && $0 != Dialect.quote }
        guard bytes.count == 5,
            bytes.prefix(4).map({ $0 | 0x20 }) == Array("sep=".utf8).map({ $0 | 0x20 }),
            Dialect.isUsable(delimiter: bytes[4])
        else { return nil }
        return bytes[4]
    }
}
