package import StoaBase

/// Positions in valid UTF-8, counted in code points.
package enum CodePoints {
    @inline(__always)
    private static func begins(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// How many there are.
    package static func count(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in text { count &+= begins(byte) ? 1 : 0 }
        return count
    }

    /// Where the code point that ends at `end` begins.
    static func start(_ text: UnsafeRawBufferPointer, before end: Int) -> Int {
        var start = end - 1
        while start > 0, !begins(text[start]) { start -= 1 }
        return start
    }

    /// The byte behind the first `count` code points.
    private static func offset(_ text: UnsafeRawBufferPointer, _ count: Int64) -> Int {
        var left = count
        for index in 0..<text.count where begins(text[index]) {
            if left == 0 { return index }
            left -= 1
        }
        return text.count
    }

    /// The first `count`; of a negative count all but so many at the end.
    static func first(
        _ text: UnsafeRawBufferPointer, _ wanted: Int64
    ) -> UnsafeRawBufferPointer {
        let kept = wanted >= 0 ? wanted : max(0, Int64(count(text)) &+ max(wanted, -(1 << 40)))
        return UnsafeRawBufferPointer(rebasing: text[..<offset(text, kept)])
    }

    /// The last `count`; of a negative count all but so many at the start.
    static func last(_ text: UnsafeRawBufferPointer, _ wanted: Int64) -> UnsafeRawBufferPointer {
        let total = Int64(count(text))
        let skipped = wanted >= 0 ? max(0, total - min(wanted, total)) : 0 - max(wanted, -(1 << 40))
        return UnsafeRawBufferPointer(rebasing: text[offset(text, skipped)...])
    }

    /// `count` code points from the `first`, which counts from 1, or from the end when negative;
    /// a negative count takes what stands before. Positions outside of the text are counted
    /// through, as if something stood there: they take of the count and give nothing.
    static func substring(
        _ text: UnsafeRawBufferPointer, from first: Int64, count wanted: Int64
    ) -> UnsafeRawBufferPointer {
        let total = Int64(count(text))
        // Sums that 64 bits do not hold lie outside of every text.
        let start = first < 0 ? total.addingSaturating(first) : first - 1
        let end = start.addingSaturating(wanted)
        let low = max(0, min(start, end, total))
        let high = max(low, min(total, max(start, end)))
        return UnsafeRawBufferPointer(rebasing: text[offset(text, low)..<offset(text, high)])
    }

    /// Without the code points of `characters` at its ends; nil: Unicode's spaces.
    ///
    /// - Throws: When `budget`'s work is to end: both may be long.
    static func trimmed(
        _ text: UnsafeRawBufferPointer, of characters: UnsafeRawBufferPointer?, atStart: Bool,
        atEnd: Bool, budget: MemoryBudget
    ) throws(MemoryLimitReached) -> UnsafeRawBufferPointer {
        var first = 0
        var end = text.count
        while atStart, first < end {
            try budget.checkStop()
            var next = first + 1
            while next < end, !begins(text[next]) { next += 1 }
            guard holds(characters, text[first..<next]) else { break }
            first = next
        }
        while atEnd, end > first {
            try budget.checkStop()
            let start = start(text, before: end)
            guard holds(characters, text[start..<end]) else { break }
            end = start
        }
        return UnsafeRawBufferPointer(rebasing: text[first..<end])
    }

    private static func holds(
        _ characters: UnsafeRawBufferPointer?, _ character: Slice<UnsafeRawBufferPointer>
    ) -> Bool {
        guard let characters else { return isSpace(character) }
        let sought = UnsafeRawBufferPointer(rebasing: character)
        return ByteSearch.first(sought, in: characters, from: 0) != nil
    }

    /// Whether a code point is a space separator (Unicode's category Zs); tabs and line ends are
    /// none.
    private static func isSpace(_ character: Slice<UnsafeRawBufferPointer>) -> Bool {
        let bytes = character.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        switch bytes {
        case 0x20, 0xC2A0, 0xE19A80, 0xE28080...0xE2808A, 0xE280AF, 0xE2819F, 0xE38080:
            return true
        default: return false
        }
    }

    /// The position of `sought` in code points from 1; 0 where it is not.
    package static func position(
        of sought: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer
    ) -> Int {
        guard let found = ByteSearch.first(sought, in: text, from: 0) else { return 0 }
        return count(UnsafeRawBufferPointer(rebasing: text[..<found])) + 1
    }
}

extension Int64 {
    /// The sum, or the end of the range that it passes.
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}

/// Bytes at the ends of bytes.
extension ByteSearch {
    /// Whether `text` begins with `sought`.
    package static func begins(
        _ text: UnsafeRawBufferPointer, with sought: UnsafeRawBufferPointer
    ) -> Bool {
        text.count >= sought.count
            && StringOrder.isEqual(UnsafeRawBufferPointer(rebasing: text[..<sought.count]), sought)
    }

    /// Whether `text` ends with `sought`.
    package static func ends(
        _ text: UnsafeRawBufferPointer, with sought: UnsafeRawBufferPointer
    ) -> Bool {
        text.count >= sought.count
            && StringOrder.isEqual(
                UnsafeRawBufferPointer(rebasing: text[(text.count - sought.count)...]), sought)
    }
}

/// A pattern of LIKE in which a backslash makes the next character plain.
package enum EscapedPattern {
    /// Whether valid UTF-8 matches; false once `stop` is raised, as the time is up to the product
    /// of the lengths.
    package static func matches(
        _ value: UnsafeRawBufferPointer, _ pattern: UnsafeRawBufferPointer, _ stop: StopSignal
    ) -> Bool {
        let (percent, line) = (UInt8(ascii: "%"), UInt8(ascii: "_"))
        let backslash = UInt8(ascii: "\\")
        var (at, want) = (0, 0)
        var (resumeAt, resumeWant) = (-1, 0)
        var stepCount = 0
        while at < value.count {
            stepCount &+= 1
            if stepCount % stepsPerLook == 0, stop.isRaised { return false }
            let isEscaped = want < pattern.count - 1 && pattern[want] == backslash
            if want < pattern.count, pattern[want] == percent {
                want += 1
                (resumeAt, resumeWant) = (at, want)
            } else if want < pattern.count, pattern[want] == line {
                at = next(value, at)
                want += 1
            } else if isEscaped, pattern[want + 1] == value[at] {
                at += 1
                want += 2
            } else if !isEscaped, want < pattern.count, pattern[want] == value[at] {
                at += 1
                want += 1
            } else if resumeAt >= 0 {
                resumeAt = next(value, resumeAt)
                (at, want) = (resumeAt, resumeWant)
            } else {
                return false
            }
        }
        while want < pattern.count, pattern[want] == percent { want += 1 }
        return want == pattern.count
    }

    private static let stepsPerLook = 1 << 16

    private static func next(_ value: UnsafeRawBufferPointer, _ at: Int) -> Int {
        var next = at + 1
        while next < value.count, value[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
