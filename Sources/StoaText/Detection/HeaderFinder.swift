internal import StoaBase
internal import StoaModel

/// Looks for the header among the records of a sample.
struct HeaderFinder {
    let records: [SampleRecord]
    let cellCount: Int
    private let dialect: Dialect
    private let sample: TextChunk
    private let rules: ProfileRules

    init(_ found: DelimiterGuess.Candidate, _ sample: TextChunk, _ rules: ProfileRules) {
        records = found.records
        cellCount = found.cellCount
        dialect = found.dialect
        self.sample = sample
        self.rules = rules
    }

    /// The first record that has the table's cells and more than a title in them.
    var firstTableRecord: Int? {
        let first =
            records.firstIndex { isTable($0) && (cellCount < 3 || $0.filledCount > 1) }
            ?? records.firstIndex { isTable($0) }
            // A header alone may look like a comment.
            ?? records.firstIndex { $0.matches(cellCount) && !$0.isRule }
        guard let first, cellCount >= 3, records[first].filledCount * 2 <= cellCount else {
            return first
        }
        // A title with a date beside it, above a header that names every column.
        let fullest = records.dropFirst(first).prefix(20).map(\.filledCount).max() ?? 0
        let better = records.indices.dropFirst(first + 1).prefix(5).first {
            isTable(records[$0]) && records[$0].filledCount == fullest
                && records[$0].filledCount * 2 > cellCount && values($0).allSatisfy(isName)
        }
        return better ?? first
    }

    private func isTable(_ record: SampleRecord) -> Bool {
        record.matches(cellCount) && !record.isRule && !record.isComment
            && record.filledCount > 0
    }

    /// The values of a record's cells.
    func values(_ index: Int) -> [[UInt8]] {
        let text = UnsafeRawPointer(sample.address)
        return records[index].cells.map { $0.value(in: text, quote: dialect.quote) }
    }

    func trimmed(_ value: [UInt8]) -> [UInt8] {
        let start = value.firstIndex { $0 != 32 } ?? value.endIndex
        let end = value.lastIndex { $0 != 32 } ?? value.startIndex
        return start <= end && start < value.endIndex ? Array(value[start...end]) : []
    }

    private func isName(_ value: [UInt8]) -> Bool { value.isEmpty || type(of: value) == .string }

    private func type(of value: [UInt8]) -> ColumnType? {
        HeaderGuess.type(of: value, rules)
    }

    /// The types below a record; nil for columns without a value.
    private func types(below index: Int) -> [ColumnType?] {
        var inner = dialect
        inner.trimsBlanks = true
        // A header that comes again, as in files put behind each other, says nothing of types.
        if cellCount > 1 {
            let record = records[index]
            inner.headerText = [UInt8](
                UnsafeRawBufferPointer(rebasing: sample.text[record.start..<record.end]))
        }
        let profiles = ChunkProfiler(dialect: inner, cellCount: cellCount, rules: rules)
            .profile(sample, from: records[index].nextStart, rowLimit: 1_000).columns
        let evidence = ColumnChoice.evidence(profiles, rules)
        return profiles.map {
            $0.valueCount == 0 ? nil : ColumnChoice($0, rules, evidence).reading.type
        }
    }

    /// Whether a record is a header.
    func verdict(_ index: Int) -> HeaderGuess.Verdict {
        let cells = values(index).map(trimmed)
        let next = records.indices.dropFirst(index + 1).first { isTable(records[$0]) }
        return HeaderGuess.verdict(
            first: cells, second: next.map { values($0).map(trimmed) } ?? [],
            body: types(below: index), repeats: repeats(of: index), rules: rules)
    }

    /// For each cell of a record, whether the same text stands below it in the sample.
    private func repeats(of index: Int) -> [Bool] {
        let first = values(index)
        var repeats = first.map { _ in false }
        let text = UnsafeRawPointer(sample.address)
        for record in records.dropFirst(index + 1) where record.matches(cellCount) {
            for (position, cell) in record.cells.enumerated()
            where !first[position].isEmpty && cell.bytes(in: text).elementsEqual(first[position]) {
                repeats[position] = true
            }
        }
        return repeats
    }

    /// A header that is a comment: `#id,name` above rows that are no header themselves.
    func commentHeader(above first: Int, _ verdict: HeaderGuess.Verdict) -> [[UInt8]]? {
        guard first > 0, cellCount > 1, records[first - 1].isComment,
            records[first - 1].matches(cellCount), !records[first].isComment,
            verdict == .row || verdict == .names
        else { return nil }
        var names = values(first - 1)
        let bare = trimmed(Array(names[0].drop { $0 == UInt8(ascii: "#") }))
        if !bare.isEmpty { names[0] = bare }
        return names.allSatisfy(isName) ? names : nil
    }

    /// A header with one cell fewer or more than the rows have.
    ///
    /// - Throws: `FileRefusal` when which name belongs to which cell is open.
    func headerOfOtherLength(
        above first: Int
    ) throws(FileRefusal) -> (index: Int, names: [[UInt8]], note: String?)? {
        let above = records.indices.prefix(first).last { !records[$0].isRule }
        guard let above, !records[above].isComment, !records[above].hasFault,
            records[above].nextLine == records[above + 1].line
        else { return nil }
        let names = values(above)
        let filled = names.filter { !trimmed($0).isEmpty }
        let line = records[above].line + 1
        guard filled.count >= 2, filled.count + 1 >= names.count, filled.allSatisfy(isName),
            Set(filled).count == filled.count, names.count + 1 >= cellCount
        else { return nil }
        if names.count == cellCount + 1, names.last?.isEmpty == true {
            return (above, Array(names.dropLast()), nil)
        }
        guard names.count == cellCount - 1 else {
            throw .hasOtherHeader(line: line, nameCount: names.count, cellCount: cellCount)
        }
        let rows = records.dropFirst(first).filter(isTable)
        if rows.allSatisfy({ $0.cells.last?.isEmpty ?? true }) {
            return (above, names + [[]], nil)
        }
        let text = UnsafeRawPointer(sample.address)
        let labels = rows.map { $0.cells[0].value(in: text, quote: dialect.quote) }
        let areLabels =
            Set(labels).count == labels.count
            && (labels.allSatisfy { type(of: $0) == .string }
                || labels.enumerated().allSatisfy {
                    Int(String(decoding: $1, as: UTF8.self)) == $0 + 1
                })
        guard areLabels else {
            throw .hasOtherHeader(line: line, nameCount: names.count, cellCount: cellCount)
        }
        return (
            above, [[]] + names,
            "the header has one name fewer than the rows have values: the first column has none"
        )
    }

    private static let units: Set<String> = [
        "s", "ms", "us", "µs", "ns", "min", "h", "d", "m", "mm", "cm", "km", "kg", "g", "mg", "t",
        "K", "°C", "°F", "C", "V", "mV", "kV", "A", "mA", "W", "kW", "kWh", "Hz", "kHz", "MHz",
        "Pa", "hPa", "kPa", "bar", "mbar", "%", "ppm", "dB", "m/s", "m/s2", "km/h", "l", "L", "ml",
        "N", "Nm", "J", "rad", "deg", "°", "m²", "m³", "m2", "m3", "lx", "EUR", "USD", "Ω", "Ohm",
    ]

    /// Whether a record below the header holds units: every cell is one, and numbers follow.
    func isUnitsRow(_ index: Int) -> Bool {
        guard index + 1 < records.count, isTable(records[index]) else { return false }
        let filled = values(index).map(trimmed).filter { !$0.isEmpty }
        let unitCount = filled.count { cell in
            let text = String(decoding: cell, as: UTF8.self)
            let isBracketed =
                (text.hasPrefix("[") && text.hasSuffix("]"))
                || (text.hasPrefix("(") && text.hasSuffix(")"))
            return isBracketed || Self.units.contains(text)
        }
        guard unitCount * 2 > filled.count, filled.allSatisfy(isName) else { return false }
        return types(below: index).contains { $0?.isNumeric ?? false }
    }

    /// Whether the table is drawn with `|` and rules, so that blanks are drawing too.
    func isBoxed(from first: Int) -> Bool {
        guard dialect.delimiter == UInt8(ascii: "|") else { return false }
        return records.prefix(first + 2).contains { $0.isRule }
            || !borderPositions(from: first).isEmpty
    }

    /// The cells outside the first and the last `|` of every record.
    func borderPositions(from first: Int) -> [Int] {
        let rows = records.dropFirst(first).filter(isTable)
        let text = UnsafeRawPointer(sample.address)
        guard cellCount >= 3, dialect.delimiter == UInt8(ascii: "|") else { return [] }
        let isBordered = rows.allSatisfy { row in
            [row.cells[0], row.cells[cellCount - 1]].allSatisfy {
                StoaText.trimmed(text + Int($0.start), $0.byteCount).count == 0
            }
        }
        return isBordered ? [0, cellCount - 1] : []
    }
}
