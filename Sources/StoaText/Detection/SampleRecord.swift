internal import StoaBase

/// One record of a sample, looked at for its shape.
struct SampleRecord {
    let cells: [Cell]
    let hasFault: Bool
    /// Where the record and what follows it begin; lines before it and before what follows.
    let start: Int
    let end: Int
    let nextStart: Int
    let line: Int
    let nextLine: Int
    /// Cells with more than blanks in them.
    let filledCount: Int
    /// Only drawing: `+---+---+`, `|:--|--:|`.
    let isRule: Bool
    /// Begins with `#`.
    let isComment: Bool

    func matches(_ cellCount: Int) -> Bool { !hasFault && cells.count == cellCount }

    /// The first records of a sample that is not cut inside one, empty lines left out.
    static func all(
        of sample: TextChunk, from start: Int, _ dialect: Dialect, limit: Int
    ) -> [SampleRecord] {
        var splitter = RecordSplitter(sample, dialect: dialect, from: start)
        var records: [SampleRecord] = []
        while records.count < limit {
            splitter.skipEmptyLines()
            let start = splitter.position
            let line = splitter.line
            guard let record = splitter.nextRecord(cellLimit: Limits.columnCountLimit + 1) else {
                break
            }
            records.append(
                SampleRecord(
                    record, sample, start: start, line: line, next: splitter))
        }
        return records
    }

    private init(
        _ record: (cells: [Cell], fault: String?), _ sample: TextChunk, start: Int, line: Int,
        next: RecordSplitter
    ) {
        let text = UnsafeRawPointer(sample.address)
        cells = record.cells
        hasFault = record.fault != nil
        self.start = start
        self.line = line
        nextStart = next.position
        nextLine = next.line
        var end = next.position
        while end > start,
            [Dialect.lineFeed, Dialect.carriageReturn].contains(sample.text[end - 1])
        {
            end -= 1
        }
        self.end = end
        filledCount = record.cells.count { trimmed(text + Int($0.start), $0.byteCount).count > 0 }
        isRule = Self.isRule(UnsafeRawBufferPointer(rebasing: sample.text[start..<end]))
        isComment = start < sample.count && sample.text[start] == UInt8(ascii: "#")
    }

    private static func isRule(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var strokeCount = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "="): strokeCount += 1
            case UInt8(ascii: "+"), UInt8(ascii: "|"), UInt8(ascii: ":"), UInt8(ascii: " "),
                UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"):
                break
            default: return false
            }
        }
        return strokeCount >= 3
    }

    /// The number of cells that most records have. Where shorter records stand only above
    /// longer ones, as what instruments write above a table does, the longer ones are the table.
    static func commonCellCount(_ records: [SampleRecord]) -> Int {
        var places: [Int: (count: Int, first: Int, last: Int)] = [:]
        for (index, record) in records.enumerated() where !record.hasFault {
            let known = places[record.cells.count]
            places[record.cells.count] = (
                (known?.count ?? 0) + 1, known?.first ?? index, index
            )
        }
        func weight(_ cellCount: Int) -> Int {
            (places[cellCount]?.count ?? 0) * (cellCount > 1 ? 2 : 1)
        }
        // Of equals what the file begins with.
        let first = records.first?.cells.count
        guard
            var best = places.keys.max(by: {
                (weight($0), $0 == first ? 1 : 0, -$0) < (weight($1), $1 == first ? 1 : 0, -$1)
            })
        else { return 1 }
        for (cellCount, place) in places.sorted(by: { $0.key < $1.key }) where cellCount > best {
            guard let shorter = places[best] else { continue }
            let isBelow = shorter.last < place.first
            if isBelow, place.count >= 2, place.last >= records.count - 4 { best = cellCount }
        }
        return best
    }
}
