internal import StoaModel

/// The text of an INTERVAL: numbers with units, and `hh:mm:ss` with a fraction.
enum IntervalText {
    /// Nil for anything else, for fractions of months, and beyond 64 bits.
    static func parse(_ text: [UInt8]) -> Interval? {
        var words = split(text)[...]
        var total = Interval(months: 0, microseconds: 0)
        guard !words.isEmpty else { return nil }
        while let word = words.popFirst() {
            let part: Interval?
            if word.contains(UInt8(ascii: ":")) {
                part = clock(word)
            } else {
                guard let unit = words.popFirst() else { return nil }
                part = span(word, unit)
            }
            guard let part, let sum = total.plus(part) else { return nil }
            total = sum
        }
        return total
    }

    /// Whether a word is a unit, in any case.
    static func isUnit(_ word: ArraySlice<UInt8>) -> Bool { unit(Array(word)) != nil }

    /// The unit of that name, singular or plural.
    static func unit(_ word: [UInt8]) -> Interval? {
        let name = Names.folded(String(decoding: word, as: UTF8.self))
        return units[name] ?? (name.hasSuffix("s") ? units[String(name.dropLast())] : nil)
    }

    private static let units: [String: Interval] = {
        func fixed(_ microseconds: Int64) -> Interval {
            Interval(months: 0, microseconds: microseconds)
        }
        func calendar(_ months: Int) -> Interval { Interval(months: months, microseconds: 0) }
        return [
            "microsecond": fixed(1), "us": fixed(1), "usec": fixed(1),
            "millisecond": fixed(1_000), "ms": fixed(1_000), "msec": fixed(1_000),
            "second": fixed(1_000_000), "s": fixed(1_000_000), "sec": fixed(1_000_000),
            "minute": fixed(60_000_000), "m": fixed(60_000_000), "min": fixed(60_000_000),
            "hour": fixed(3_600_000_000), "h": fixed(3_600_000_000), "hr": fixed(3_600_000_000),
            "day": fixed(86_400_000_000), "d": fixed(86_400_000_000),
            "week": fixed(604_800_000_000), "w": fixed(604_800_000_000),
            "month": calendar(1), "mon": calendar(1), "quarter": calendar(3),
            "year": calendar(12), "y": calendar(12), "yr": calendar(12),
            "decade": calendar(120), "century": calendar(1_200),
        ]
    }()

    /// Numbers, units and clocks; a unit may follow its number without a blank.
    private static func split(_ text: [UInt8]) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 97 && byte | 0x20 <= 122 }
        for byte in text {
            let isBlank = byte == 0x20 || (9...13).contains(byte)
            let turns = word.last.map { isLetter($0) != isLetter(byte) } ?? false
            if isBlank || turns {
                if !word.isEmpty { words.append(word) }
                word = []
            }
            if !isBlank { word.append(byte) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func span(_ number: [UInt8], _ word: [UInt8]) -> Interval? {
        guard let unit = unit(word),
            let value = number.withUnsafeBytes({ ExactNumber(text: $0) })
        else { return nil }
        if unit.months != 0 {
            guard let whole = value.exactly(atScale: 0), let factor = Int64(exactly: whole) else {
                return nil
            }
            return unit.times(factor)
        }
        let (product, overflowed) = value.unscaled.multipliedReportingOverflow(
            by: Int128(unit.microseconds))
        guard !overflowed,
            let rounded = ExactNumber(unscaled: product, scale: value.scale).rounded(toScale: 0),
            let microseconds = Int64(exactly: rounded)
        else { return nil }
        return Interval(months: 0, microseconds: microseconds)
    }

    /// `[+-]hh:mm[:ss[.fraction]]`
    private static func clock(_ word: [UInt8]) -> Interval? {
        let isNegative = word.first == UInt8(ascii: "-")
        let isSigned = isNegative || word.first == UInt8(ascii: "+")
        let parts = word.dropFirst(isSigned ? 1 : 0).split(
            separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 else { return nil }
        let names = ["hour", "minute", "second"]
        var total = Interval(months: 0, microseconds: 0)
        for (part, name) in zip(parts, names) {
            guard part.first.map({ $0 >= 48 && $0 <= 57 }) ?? false,
                let next = span(Array(part), Array(name.utf8)), let sum = total.plus(next)
            else { return nil }
            total = sum
        }
        return isNegative ? total.negated : total
    }
}
