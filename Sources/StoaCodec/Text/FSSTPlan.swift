internal import StoaBase

/// Strings written as codes of a symbol table, with the exact size of that.
final class FSSTPlan {
    let table: SymbolTable
    /// Codes of all strings, one behind the other.
    let codes: HeapBytes
    let codeByteCount: Int
    /// Codes of each string.
    let lengths: NumberInput
    let lengthsPlan: NumberPlan
    /// Bytes without the child.
    let ownByteCount: Int
    let byteCount: Int

    /// Nil when a sample does not shrink by a tenth, or a string's codes would be too long.
    init?(_ input: TextInput, depth: Int) {
        guard let table = SymbolTraining(input).table() else { return nil }
        // An escape takes two bytes for one.
        let codes = HeapBytes(byteCount: input.byteCount * 2)
        let buffer = NumberBuffer(capacity: input.rowCount)
        let written = table.withFinder {
            Self.write(input, $0, to: codes.address, lengths: buffer.pointer)
        }
        guard let written else { return nil }
        self.table = table
        self.codes = codes
        codeByteCount = written
        lengths = NumberInput(buffer, rowCount: input.rowCount, isUnsigned: false)
        let rules = EncodingChooser.Rules(depth: depth - 1, allowsLZ4: false)
        let profile = NumberProfile(lengths)
        guard profile.max <= UInt64(Limits.stringByteCountLimit) else { return nil }
        lengthsPlan = EncodingChooser.choose(lengths, profile, rules)
        ownByteCount = FSSTCodec.ownByteCount(
            symbolCount: table.symbols.count,
            symbolByteCount: table.symbols.reduce(0) { $0 + $1.byteCount },
            codeByteCount: codeByteCount)
        byteCount = ownByteCount + lengthsPlan.byteCount(rowCount: input.rowCount)
    }

    private static func write(
        _ input: TextInput, _ finder: SymbolTable.Finder, to target: UnsafeMutableRawPointer,
        lengths: UnsafeMutablePointer<UInt64>
    ) -> Int {
        let bytes = input.bytes
        var start = 0, end = 0
        var written = 0
        for row in 0..<input.rowCount {
            end = start &+ Int(truncatingIfNeeded: input.lengths.values[row])
            let first = written
            while start < end {
                let word = SymbolTable.word(bytes, start, end: end)
                if let found = finder.longest(word, byteCount: end &- start) {
                    target.storeBytes(
                        of: UInt8(truncatingIfNeeded: found.code), toByteOffset: written,
                        as: UInt8.self)
                    written &+= 1
                    start &+= found.byteCount
                } else {
                    target.storeBytes(
                        of: SymbolTable.escape, toByteOffset: written, as: UInt8.self)
                    target.storeBytes(
                        of: UInt8(truncatingIfNeeded: word), toByteOffset: written &+ 1,
                        as: UInt8.self)
                    written &+= 2
                    start &+= 1
                }
            }
            lengths[row] = UInt64(written &- first)
        }
        return written
    }

    var text: String { "FSST(\(lengthsPlan.text))" }
}
