import StoaBase
import StoaModel
import StoaText

/// Reads delimited text the short way.
enum TextFixture {
    /// The cells of all rows as strings, NULL as nil; and the rejects.
    static func strings(
        _ text: [UInt8], columnCount: Int, delimiter: UInt8 = UInt8(ascii: ","),
        isCut: Bool = false
    ) throws -> (rows: [[String?]], rejects: [RejectedRecord], lineCount: Int) {
        let columns = (0..<columnCount).map {
            ParseColumn(name: "c\($0)", type: .string, position: $0)
        }
        let plan = ParsePlan(
            dialect: Dialect(delimiter: delimiter), cellCount: columnCount, columns: columns,
            stopsAtMismatch: false)
        let chunk = TextChunk(text)
        // The cutter leaves in the chunk what it found out about its cells.
        if isCut { _ = RecordCutter.wholeRecords(in: chunk, delimiter: delimiter, isFinal: true) }
        let parsed = ChunkParser(plan).parse(chunk)
        return (try rows(parsed), parsed.rejects, parsed.lineCount)
    }

    /// One column of the type, one value per line.
    static func column(
        _ lines: [String], _ type: ColumnType, nullTexts: [String] = []
    ) throws -> (values: [Literal], rejects: [RejectedRecord]) {
        let dialect = Dialect(nullTexts: nullTexts.map { Array($0.utf8) })
        let plan = ParsePlan(
            dialect: dialect, cellCount: 1,
            columns: [ParseColumn(name: "c", type: type, position: 0)], stopsAtMismatch: false)
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        let parsed = ChunkParser(plan).parse(TextChunk(text))
        return (try literals(parsed).map { $0[0] }, parsed.rejects)
    }

    /// All rows of a chunk's batches, each checked as a server would.
    static func literals(_ parsed: ParsedChunk) throws -> [[Literal]] {
        try parsed.batches.flatMap { batch in
            let rows = try RowBatch.decode(Bytes(batch.bytes))
            return (0..<rows.rowCount).map { row in rows.columns.map { $0.literal(row) } }
        }
    }

    static func rows(_ parsed: ParsedChunk) throws -> [[String?]] {
        try literals(parsed).map { row in
            row.map { literal in
                guard case .string(let bytes) = literal else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    /// A batch of one column per entry.
    static func batch(_ columns: [(String, ColumnType, [Literal])]) throws -> RowBatch {
        let builders = columns.map { name, type, values in
            var builder = ColumnBuilder(name: name, type: type)
            for value in values { builder.append(value) }
            return builder
        }
        return try RowBatch.decode(Bytes(RowBatch.encode(builders)))
    }
}

extension TextFixture {
    /// A value as a result in CSV shows it; NULL as `NULL`.
    static func text(_ literal: Literal) -> String {
        var text: [UInt8] = []
        switch literal {
        case .null: return "NULL"
        case .bool(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .float(let value): return "\(value)"
        case .decimal(let unscaled, let scale):
            DecimalText.append(unscaled, scale: Int(scale), to: &text)
        case .date(let days): TimeText.append(date: days, to: &text)
        case .timestamp(let moment):
            TimeText.append(timestamp: moment, isRFC3339: false, to: &text)
        case .string(let bytes): text = Array(bytes)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
