internal import StoaBase

/// Where the cells of a chunk end, found for 64 bytes at a time.
///
/// With every quote the text goes in or out of quotes (the running parity of the quotes, as
/// Langdale and Lemire do it for JSON in "Parsing Gigabytes of JSON per Second", 2019). That is
/// what the rules of `RecordSplitter` say too as long as every quote that opens stands at the
/// start of a cell or behind another quote, and every quote that closes at the end of a cell or
/// before another. A text in which one does not, or in which a line ends inside quotes, is not
/// regular: then there is no structure, and the careful way is taken.
final class TextStructure {
    /// The delimiter and the quote that it holds for.
    let delimiter: UInt8
    let quote: UInt8?
    /// Bit i % 64 of word i / 64: byte i is a delimiter or line end outside quotes.
    let ends: UnsafeMutablePointer<UInt64>
    private let wordCount: Int
    /// Whether a quote may be written as two somewhere.
    private(set) var hasDoubledQuotes = false
    /// The position after the last line end outside quotes; 0 when there is none. A carriage
    /// return at the very end does not count, because a line feed may follow.
    private(set) var lineEnd = 0
    /// Whether the text ends inside quotes.
    private(set) var isOpenAtEnd = false

    /// Blocks whose masks are found before they are looked at: they stay in the cache.
    private static let tileBlockCount = 128

    /// The structure of a chunk that begins with a record; nil when the text is not regular.
    init?(_ chunk: TextChunk, delimiter: UInt8, quote: UInt8?) {
        self.delimiter = delimiter
        self.quote = quote
        wordCount = chunk.count / 64 + 1
        ends = .allocate(capacity: wordCount)
        let masks = UnsafeMutablePointer<UInt64>.allocate(
            capacity: Self.tileBlockCount * ByteMasks.masksPerBlock)
        defer { masks.deallocate() }
        var walk = Walk(quoteMask: quote == nil ? 0 : .max)
        var block = 0
        while block < wordCount {
            let blockCount = min(Self.tileBlockCount, wordCount - block)
            // 64 bytes behind the text are readable and zero.
            ByteMasks.find(
                (quote ?? delimiter, delimiter, Dialect.lineFeed, Dialect.carriageReturn),
                in: UnsafeRawPointer(chunk.address) + block * 64, blockCount: blockCount,
                into: masks)
            for index in 0..<blockCount {
                ends[block &+ index] = walk.take(masks + index &* 4, block: block &+ index)
                // Of the last block only the bytes of the text say what stands behind a quote.
                let isLast = block &+ index &+ 1 == wordCount
                walk.check(isLast ? (1 &<< UInt64(chunk.count & 63)) &- 1 : .max)
            }
            block += blockCount
        }
        walk.finish(chunk)
        guard walk.isRegular else { return nil }
        hasDoubledQuotes = walk.doubled != 0
        isOpenAtEnd = walk.inside != 0
        lineEnd = walk.lineEnd
    }

    deinit { ends.deallocate() }

    /// Whether the first `count` bytes are whole records outside quotes.
    func holds(for count: Int) -> Bool { !isOpenAtEnd || count <= lineEnd }

    /// What is carried from block to block.
    private struct Walk {
        /// All ones where there are quotes.
        let quoteMask: UInt64
        /// All ones inside quotes.
        var inside: UInt64 = 0
        /// Bit 0: the block before ended with what a cell may begin behind.
        var startsCell: UInt64 = 1
        /// Bit 0: the block before ended with a quote; with a quote that closes.
        var endedWithQuote: UInt64 = 0
        var endedWithClosing: UInt64 = 0
        /// Quotes where none may be, and lines that end inside quotes.
        var faults: UInt64 = 0
        /// In this block, what stands behind a quote that closes and may not.
        var misplaced: UInt64 = 0
        var doubled: UInt64 = 0
        /// The last block with a line end outside quotes, and those line ends; and the one before.
        var lineBlock = -1
        var lineBits: UInt64 = 0
        var earlierLineBlock = -1
        var earlierLineBits: UInt64 = 0
        var lineEnd = 0

        init(quoteMask: UInt64) { self.quoteMask = quoteMask }

        var isRegular: Bool { faults == 0 }

        /// The ends of cells in a block of which these are the masks.
        @inline(__always)
        mutating func take(_ masks: UnsafePointer<UInt64>, block: Int) -> UInt64 {
            let quotes = masks[0] & quoteMask
            let lines = masks[2] | masks[3]
            let ends = masks[1] | lines
            var within = quotes
            within ^= within &<< 1
            within ^= within &<< 2
            within ^= within &<< 4
            within ^= within &<< 8
            within ^= within &<< 16
            within ^= within &<< 32
            within ^= inside
            let opening = quotes & within
            let closing = quotes & ~within
            let behindQuote = quotes &<< 1 | endedWithQuote
            let behindEnd = ends &<< 1 | startsCell
            faults |= opening & ~(behindEnd | behindQuote)
            faults |= lines & within
            misplaced = (closing &<< 1 | endedWithClosing) & ~(ends | quotes)
            doubled |= opening & behindQuote
            inside = UInt64(bitPattern: Int64(bitPattern: within) &>> 63)
            startsCell = ends &>> 63
            endedWithQuote = quotes &>> 63
            endedWithClosing = closing &>> 63
            let found = lines & ~within
            if found != 0 {
                earlierLineBlock = lineBlock
                earlierLineBits = lineBits
                lineBlock = block
                lineBits = found
            }
            return ends & ~within
        }

        /// Takes what is misplaced in the block for a fault where `text` has a bit.
        @inline(__always)
        mutating func check(_ text: UInt64) { faults |= misplaced & text }

        /// Looks at the end of the text.
        mutating func finish(_ chunk: TextChunk) {
            let count = chunk.count
            guard count > 0 else { return }
            if chunk.text[count - 1] == Dialect.carriageReturn, lineBlock == (count - 1) / 64 {
                lineBits &= ~(1 << UInt64((count - 1) % 64))
                if lineBits == 0 { (lineBlock, lineBits) = (earlierLineBlock, earlierLineBits) }
            }
            if lineBits != 0 { lineEnd = lineBlock * 64 + 64 - lineBits.leadingZeroBitCount }
        }
    }
}
