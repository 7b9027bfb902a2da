internal import StoaBase

/// Finds symbols that make a text short: five times a sample is written with the symbols so far,
/// and the best of them, of single bytes and of neighbours joined are the next ones.
struct SymbolTraining {
    /// Bytes of text that are looked at.
    static let sampleByteCount = 16_384
    /// Bytes of one string at most, so that a few long ones are not all there is.
    private static let pieceByteCount = 512
    private static let generationCount = 5
    /// Codes here: bytes without a symbol, then symbols.
    private static let codeCount = 512

    /// Pieces of the text.
    private let bytes: UnsafeRawPointer
    private let pieces: [Range<Int>]
    /// Bytes of all pieces.
    private let byteCount: Int

    init(_ input: TextInput) {
        bytes = input.bytes
        let mean = max(1, input.byteCount / input.rowCount)
        let wanted = max(1, Self.sampleByteCount / min(mean, Self.pieceByteCount))
        let step = max(1, input.rowCount / wanted)
        var pieces: [Range<Int>] = []
        var total = 0, start = 0
        for row in 0..<input.rowCount where total < Self.sampleByteCount {
            let length = Int(truncatingIfNeeded: input.lengths.values[row])
            if row % step == 0, length > 0 {
                let count = min(length, Self.pieceByteCount)
                pieces.append(start..<start + count)
                total += count
            }
            start += length
        }
        self.pieces = pieces
        byteCount = total
    }

    /// The table; nil when it would not bring the sample to 90 %.
    func table() -> SymbolTable? {
        guard byteCount >= 256 else { return nil }
        var table = SymbolTable()
        var counts = Counts()
        for _ in 0..<Self.generationCount {
            counts.clear()
            _ = count(table, &counts)
            table = Self.best(counts, table)
        }
        counts.clear()
        let written = count(table, &counts)
        return written * 10 <= byteCount * 9 ? table : nil
    }

    /// How often codes, and pairs of them, stand in the sample.
    private struct Counts {
        var codes = [UInt32](repeating: 0, count: codeCount)
        var pairs = [UInt16](repeating: 0, count: codeCount * codeCount)
        /// Pairs that were met.
        var known: [Int32] = []

        mutating func clear() {
            for code in codes.indices { codes[code] = 0 }
            for pair in known { pairs[Int(pair)] = 0 }
            known.removeAll(keepingCapacity: true)
        }
    }

    /// Writes the sample with a table; returns the bytes it takes.
    private func count(_ table: SymbolTable, _ counts: inout Counts) -> Int {
        var written = 0
        for piece in pieces {
            _ = table.withFinder { finder in
                var previous = -1
                var position = piece.lowerBound
                while position < piece.upperBound {
                    let word = SymbolTable.word(bytes, position, end: piece.upperBound)
                    let found = finder.longest(word, byteCount: piece.upperBound - position)
                    let code = found.map { 256 + $0.code } ?? Int(word & 0xFF)
                    let length = found?.byteCount ?? 1
                    written += found == nil ? 2 : 1
                    counts.codes[code] += 1
                    // A symbol's first byte may be wanted alone where the symbol does not fit.
                    if length > 1 { counts.codes[Int(word & 0xFF)] += 1 }
                    if previous >= 0 {
                        let pair = previous * Self.codeCount + code
                        if counts.pairs[pair] == 0 { counts.known.append(Int32(pair)) }
                        counts.pairs[pair] &+= 1
                    }
                    previous = code
                    position += length
                }
            }
        }
        return written
    }

    /// The symbols that stand for the most bytes.
    private static func best(_ counts: Counts, _ table: SymbolTable) -> SymbolTable {
        func symbol(_ code: Int) -> SymbolTable.Symbol {
            code < 256
                ? SymbolTable.Symbol(word: UInt64(code), byteCount: 1) : table.symbols[code - 256]
        }
        var gains: [SymbolTable.Symbol: Int] = [:]
        for (code, count) in counts.codes.enumerated() where count > 0 {
            let symbol = symbol(code)
            // An escape costs two bytes: single bytes weigh more than they stand for.
            gains[symbol, default: 0] += Int(count) * (symbol.byteCount == 1 ? 8 : symbol.byteCount)
        }
        for pair in counts.known {
            let count = Int(counts.pairs[Int(pair)])
            guard count > 1 else { continue }
            let first = symbol(Int(pair) / codeCount)
            guard first.byteCount < SymbolTable.symbolByteCountLimit else { continue }
            let joined = first.joined(symbol(Int(pair) % codeCount))
            gains[joined, default: 0] += count * joined.byteCount
        }
        // The same rows must give the same bytes: no two candidates are alike in all three.
        let sorted = gains.sorted { left, right in
            if left.value != right.value { return left.value > right.value }
            if left.key.byteCount != right.key.byteCount {
                return left.key.byteCount > right.key.byteCount
            }
            return left.key.word < right.key.word
        }
        var result = SymbolTable()
        for (symbol, _) in sorted {
            if result.symbols.count == SymbolTable.symbolCountLimit { break }
            _ = result.add(symbol)
        }
        return result
    }
}
