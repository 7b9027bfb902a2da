/// Finds where a piece of delimited text may be cut so that each part holds whole records.
///
/// Parts can then be parsed by different threads: a quoted line end is never taken for the end of
/// a record, because the search follows the quotes from the start of the piece. A quote opens a
/// quoted cell only at the cell's start; elsewhere it is an ordinary character. So the quotes
/// alone, with the byte before each, decide what is quoted, and the text between them is not
/// looked at.
package enum RecordCutter {
    /// As the other one, for a chunk, which keeps what was found out about its cells.
    package static func wholeRecords(
        in chunk: TextChunk, delimiter: UInt8, quote: UInt8? = Dialect.quote, isFinal: Bool
    ) -> Int {
        chunk.findStructure(delimiter: delimiter, quote: quote)
        if let structure = chunk.structure {
            if !isFinal { return structure.lineEnd }
            if !structure.isOpenAtEnd { return chunk.count }
        }
        return wholeRecords(in: chunk.text, delimiter: delimiter, quote: quote, isFinal: isFinal)
    }

    /// Bytes at the start of `text`, itself the start of a record, that are whole records.
    ///
    /// With `isFinal` the text is the last of its file: all of it is whole, unless a quote stays
    /// open; then what is before that record is whole, and when it is the first one, its first
    /// line. So an unclosed quote costs one line and not the rest of the file. Without `isFinal`
    /// the result may be 0: more text is needed.
    package static func wholeRecords(
        in text: UnsafeRawBufferPointer, delimiter: UInt8, quote quoteByte: UInt8? = Dialect.quote,
        isFinal: Bool
    ) -> Int {
        guard let quoteByte else {
            if isFinal { return text.count }
            return lastLineEnd(in: text, 0..<text.count, isFinal: false) ?? 0
        }
        var outsideStart = 0
        var position = 0
        var boundary = 0
        while true {
            let quote = WordSearch.first(quoteByte, in: text, position..<text.count)
            if quote < text.count, !isCellStart(quote, in: text, delimiter: delimiter) {
                position = quote + 1
                continue
            }
            if let end = lastLineEnd(in: text, outsideStart..<quote, isFinal: isFinal) {
                boundary = end
            }
            if quote == text.count { return isFinal ? text.count : boundary }
            guard
                let close = closingQuote(quoteByte, after: quote, in: text, isFinal: isFinal)
            else {
                if !isFinal || boundary > 0 { return boundary }
                return firstLine(in: text)
            }
            position = close + 1
            outsideStart = position
        }
    }

    /// Bytes of the first line with its end; all of the text when it has only one.
    package static func firstLine(in text: UnsafeRawBufferPointer) -> Int {
        for (index, byte) in text.enumerated() {
            if byte == Dialect.lineFeed { return index + 1 }
            if byte == Dialect.carriageReturn {
                let hasLineFeed = index + 1 < text.count && text[index + 1] == Dialect.lineFeed
                return index + (hasLineFeed ? 2 : 1)
            }
        }
        return text.count
    }

    private static func isCellStart(
        _ position: Int, in text: UnsafeRawBufferPointer, delimiter: UInt8
    ) -> Bool {
        guard position > 0 else { return true }
        let before = text[position - 1]
        return before == delimiter || before == Dialect.lineFeed
            || before == Dialect.carriageReturn
    }

    /// The quote that closes the one at `position`; nil when the text does not show it.
    private static func closingQuote(
        _ quoteByte: UInt8, after position: Int, in text: UnsafeRawBufferPointer, isFinal: Bool
    ) -> Int? {
        var position = position + 1
        while true {
            let quote = WordSearch.first(quoteByte, in: text, position..<text.count)
            if quote == text.count { return nil }
            if quote + 1 == text.count { return isFinal ? quote : nil }
            if text[quote + 1] != quoteByte { return quote }
            position = quote + 2
        }
    }

    /// The position after the last line end in `range`. A carriage return at the very end of
    /// text that goes on is not taken: a line feed may follow.
    private static func lastLineEnd(
        in text: UnsafeRawBufferPointer, _ range: Range<Int>, isFinal: Bool
    ) -> Int? {
        var position = range.upperBound
        while position > range.lowerBound {
            let byte = text[position - 1]
            if byte == Dialect.lineFeed { return position }
            if byte == Dialect.carriageReturn, isFinal || position < text.count { return position }
            position -= 1
        }
        return nil
    }
}
