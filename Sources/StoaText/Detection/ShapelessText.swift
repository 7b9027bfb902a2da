/// Tells text that is no table from one that is.
enum ShapelessText {
    /// - Throws: `FileRefusal` when the lines have no shape in common.
    static func check(
        _ found: DelimiterGuess.Candidate, _ sample: TextChunk
    ) throws(FileRefusal) {
        let lines = found.records.filter { !$0.isRule && !$0.isComment }
        guard lines.count >= 3 else { return }
        if found.cellCount > 1 {
            // A table whose rows are torn has numbers in it all the same; a letter has none.
            let isText = found.typedShare < 0.1
            let isTorn =
                isText
                && (found.density < 0.75 || (found.density < 1 && found.indentedShare > 0.25))
            if found.density < 0.5 || isTorn { throw .isShapeless }
            return
        }
        let text = UnsafeRawPointer(sample.address)
        var cutCount = 0
        var alignedCount = 0
        for line in lines {
            let bytes = UnsafeRawBufferPointer(
                start: text + line.start, count: line.end - line.start)
            if bytes.first == Dialect.quote || bytes.first == UInt8(ascii: "'") { continue }
            if Dialect.knownDelimiters.contains(where: bytes.contains) { cutCount += 1 }
            if hasGap(bytes) { alignedCount += 1 }
        }
        if cutCount * 2 >= lines.count { throw .isShapeless }
        if alignedCount * 10 >= lines.count * 8 { throw .isAligned }
    }

    /// Whether two blanks or more stand between two words.
    private static func hasGap(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var blankCount = 0
        var hasWord = false
        for byte in bytes {
            if byte == UInt8(ascii: " ") {
                blankCount += 1
            } else {
                if hasWord, blankCount >= 2 { return true }
                blankCount = 0
                hasWord = true
            }
        }
        return false
    }
}
