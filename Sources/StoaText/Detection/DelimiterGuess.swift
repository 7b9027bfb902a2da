/// Chooses the delimiter of a file from its first records.
enum DelimiterGuess {
    /// The delimiter under which most records have the same number of cells, more than one; the
    /// one with more cells when that does not decide, then the order `,` `;` tab `|`. A comma
    /// when none fits.
    static func delimiter(of sample: TextChunk, from start: Int) -> UInt8 {
        var best = (delimiter: UInt8(ascii: ","), agreement: 0.0, cellCount: 1)
        for delimiter in Dialect.knownDelimiters {
            let found = agreement(sample, from: start, delimiter: delimiter)
            guard found.cellCount > 1 else { continue }
            let isClearlyBetter = found.agreement > best.agreement + 0.02
            let isAsGood = found.agreement >= best.agreement - 0.02
            if isClearlyBetter || (isAsGood && found.cellCount > best.cellCount) {
                best = (delimiter, found.agreement, found.cellCount)
            }
        }
        return best.delimiter
    }

    /// The commonest number of cells, and the share of records that have it.
    private static func agreement(
        _ sample: TextChunk, from start: Int, delimiter: UInt8
    ) -> (agreement: Double, cellCount: Int) {
        var splitter = RecordSplitter(sample, delimiter: delimiter, from: start)
        var counts: [Int: Int] = [:]
        var recordCount = 0
        while recordCount < 200, let record = splitter.nextRecord(cellLimit: 4_097) {
            // What the sample's end cut off says nothing, unless it is all there is.
            if splitter.isAtEnd, recordCount > 1 { break }
            recordCount += 1
            // A fault is as bad as another number of cells.
            if record.fault == nil { counts[record.cells.count, default: 0] += 1 }
        }
        guard let common = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
            return (0, 1)
        }
        return (Double(common.value) / Double(recordCount), common.key)
    }
}
