internal import StoaBase

/// Chooses the delimiter of a file from its first records.
enum DelimiterGuess {
    /// What a file looks like under one delimiter.
    struct Candidate {
        let dialect: Dialect
        let records: [SampleRecord]
        let cellCount: Int
        /// The share of records between the first and the last of that many cells which have it.
        let density: Double
        /// The share of their cells that are numbers, dates or booleans.
        let typedShare: Double
        /// The share of their cells that begin with a blank.
        let indentedShare: Double
        let score: Double
    }

    /// The delimiter under which records are most alike: which has the most records of the same
    /// number of cells, already from the first one on, and whose cells are values rather than
    /// pieces of values. `Dialect.noDelimiter` with one cell when none fits.
    static func choose(
        _ sample: TextChunk, from start: Int, dialect: Dialect, delimiters: [UInt8],
        rules: ProfileRules
    ) -> Candidate {
        let found = delimiters.map { delimiter in
            var dialect = dialect
            dialect.delimiter = delimiter
            return candidate(sample, from: start, dialect, rules)
        }
        let best = found.filter { $0.cellCount > 1 }.max {
            // Of equals the first stays.
            $0.score < $1.score || ($0.score == $1.score && isBehind($0, $1, delimiters))
        }
        if let best { return best }
        guard delimiters.count > 1 else { return found[0] }
        var other = dialect
        other.delimiter = Dialect.noDelimiter
        let single = candidate(sample, from: start, other, rules)
        other.delimiter = UInt8(ascii: " ")
        let spaced = candidate(sample, from: start, other, rules)
        return isTable(spaced, sample, rules) && single.typedShare == 0 ? spaced : single
    }

    /// Whether single spaces stand between numbers in every line, as instruments write them.
    /// In text, and in times with a date before them, spaces are no delimiters.
    private static func isTable(
        _ spaced: Candidate, _ sample: TextChunk, _ rules: ProfileRules
    ) -> Bool {
        let lines = spaced.records.filter { !$0.isComment }
        guard spaced.cellCount > 1, lines.count >= 3,
            lines.allSatisfy({
                $0.matches(spaced.cellCount) && $0.filledCount == spaced.cellCount
            })
        else { return false }
        return quality(lines.dropFirst().prefix(50).map { $0 }, sample, rules).typed >= 0.75
    }

    private static func isBehind(
        _ left: Candidate, _ right: Candidate, _ delimiters: [UInt8]
    ) -> Bool {
        let places = [left, right].map { delimiters.firstIndex(of: $0.dialect.delimiter) ?? 0 }
        return places[0] > places[1]
    }

    private static func candidate(
        _ sample: TextChunk, from start: Int, _ dialect: Dialect, _ rules: ProfileRules
    ) -> Candidate {
        let records = SampleRecord.all(of: sample, from: start, dialect, limit: 200)
        let plain = records.filter { !$0.isRule && !$0.isComment }
        let cellCount = SampleRecord.commonCellCount(plain)
        let matching = plain.indices.filter { plain[$0].matches(cellCount) }
        guard let first = matching.first, let last = matching.last else {
            return Candidate(
                dialect: dialect, records: records, cellCount: 1, density: 0, typedShare: 0,
                indentedShare: 0,
                score: 0)
        }
        let density = Double(matching.count) / Double(last - first + 1)
        let coverage = Double(last - first + 1) / Double(plain.count)
        let quality = quality(matching.prefix(50).map { plain[$0] }, sample, rules)
        let score =
            2 * density + 0.5 * coverage + (first == 0 ? 0.5 : 0) + 0.5 * quality.typed
            - 0.3 * quality.indented + 0.01 * Double(min(cellCount, 20))
        return Candidate(
            dialect: dialect, records: records, cellCount: cellCount, density: density,
            typedShare: quality.typed, indentedShare: quality.indented, score: score)
    }

    /// The shares of cells that are numbers, dates or booleans, and that begin with a blank.
    private static func quality(
        _ records: [SampleRecord], _ sample: TextChunk, _ rules: ProfileRules
    ) -> (typed: Double, indented: Double) {
        let text = UnsafeRawPointer(sample.address)
        var counts = (filled: 0, typed: 0, indented: 0)
        for cell in records.flatMap({ $0.cells.prefix(64) }) where cell.byteCount > 0 {
            counts.filled += 1
            var profile = ColumnProfile()
            profile.add(text + Int(cell.start), cell.byteCount, rules) { 1 }
            if profile.kinds.isDisjoint(with: .onlyStrings) { counts.typed += 1 }
            if cell.bytes(in: text).first == UInt8(ascii: " ") { counts.indented += 1 }
        }
        let filled = Double(max(1, counts.filled))
        return (Double(counts.typed) / filled, Double(counts.indented) / filled)
    }

    /// The quote of a file: `'` where cells begin and end with it and none with `"`.
    static func quote(of sample: TextChunk, from start: Int, dialect: Dialect) -> UInt8? {
        let apostrophe = UInt8(ascii: "'")
        var unquoted = dialect
        unquoted.quote = nil
        let text = UnsafeRawPointer(sample.address)
        var counts = (filled: 0, single: 0, double: 0)
        for delimiter in Dialect.knownDelimiters {
            unquoted.delimiter = delimiter
            let records = SampleRecord.all(of: sample, from: start, unquoted, limit: 20)
            for cell in records.flatMap(\.cells) where cell.byteCount > 1 {
                let bytes = cell.bytes(in: text)
                counts.filled += 1
                if bytes.first == Dialect.quote { counts.double += 1 }
                if bytes.first == apostrophe, bytes.last == apostrophe { counts.single += 1 }
            }
        }
        return counts.double == 0 && counts.single * 10 > counts.filled
            ? apostrophe : Dialect.quote
    }
}
