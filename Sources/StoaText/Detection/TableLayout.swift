internal import StoaBase
internal import StoaModel

/// Where the table lies in a file: what stands above it, which record names its columns, and
/// which cells are only drawing.
struct TableLayout {
    var dialect: Dialect
    /// Cells of every record.
    let cellCount: Int
    /// The header's cells, one per cell of a record; nil where there is no header.
    var header: [[UInt8]]?
    /// Where the first row begins, and lines before it.
    var bodyStart: Int
    var bodyLine: Int
    /// Lines above the header, or the first row.
    var skippedLineCount = 0
    /// Cells that never have a value nor a name.
    var emptyPositions: [Int] = []
    /// One sentence each.
    var notes: [String] = []

    /// Finds the table among the first records.
    ///
    /// - Throws: `FileRefusal` when there is none, or when its header and its rows disagree.
    init(
        _ found: DelimiterGuess.Candidate, _ sample: TextChunk, hasHeader: Bool?,
        rules: ProfileRules
    ) throws(FileRefusal) {
        dialect = found.dialect
        cellCount = found.cellCount
        guard cellCount <= Limits.columnCountLimit else { throw .hasTooManyColumns }
        let finder = HeaderFinder(found, sample, rules)
        guard let first = finder.firstTableRecord else { throw .isEmpty }
        let records = found.records
        var headerIndex: Int?
        var bodyIndex = first
        if hasHeader != false {
            let verdict = finder.verdict(first)
            if verdict == .row || verdict == .names,
                let outside = try finder.headerOfOtherLength(above: first)
            {
                headerIndex = outside.index
                header = outside.names
                if let note = outside.note { notes.append(note) }
            } else if let names = finder.commentHeader(above: first, verdict),
                hasHeader == nil
            {
                headerIndex = first - 1
                header = names
            } else {
                if hasHeader == true || verdict != .row {
                    headerIndex = first
                    header = finder.values(first)
                    bodyIndex = first + 1
                }
                if verdict == .series, hasHeader == nil {
                    notes.append(
                        "line \(records[first].line + 1) is read as the header, as its numbers "
                            + "rise evenly; --no-header makes it a row")
                }
            }
        }
        bodyStart = records[first].start
        bodyLine = records[first].line
        if let headerIndex {
            (bodyStart, bodyLine) = (records[headerIndex].nextStart, records[headerIndex].nextLine)
            if header?.count == records[headerIndex].cells.count, cellCount > 1 {
                let record = records[headerIndex]
                dialect.headerText = [UInt8](
                    UnsafeRawBufferPointer(rebasing: sample.text[record.start..<record.end]))
            }
        }
        dialect.hasHeader = headerIndex != nil
        skippedLineCount = records[headerIndex ?? first].line
        while bodyIndex < records.count, records[bodyIndex].isRule, headerIndex != nil {
            (bodyStart, bodyLine) = (records[bodyIndex].nextStart, records[bodyIndex].nextLine)
            bodyIndex += 1
        }
        if headerIndex != nil, finder.isUnitsRow(bodyIndex) {
            notes.append(
                "line \(records[bodyIndex].line + 1) holds units and is left out")
            (bodyStart, bodyLine) = (records[bodyIndex].nextStart, records[bodyIndex].nextLine)
        }
        if finder.isBoxed(from: first) {
            dialect.trimsBlanks = true
            emptyPositions = finder.borderPositions(from: first)
            header = header?.map { finder.trimmed($0) }
        }
    }
}
