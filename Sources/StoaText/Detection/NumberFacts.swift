internal import StoaModel

/// What the numbers of a column are like under one reading of their marks.
struct NumberFacts: Hashable, Sendable {
    /// What kinds of numbers there are.
    private(set) var kinds: ValueKinds = []
    /// Digits after the point of the decimals: fewest and most.
    private(set) var leastScale = Int32.max
    private(set) var mostScale: Int32 = 0
    /// Most digits before the point.
    private(set) var mostWholeDigits: Int32 = 0

    /// Takes in a number as it stands plainly, without needless zeros; what kinds it is of.
    mutating func take(
        _ number: FloatText.Scanned, _ text: UnsafeRawPointer, _ count: Int
    ) -> ValueKinds {
        var found: ValueKinds = []
        if number.hasExponent {
            found = .float
        } else if number.wholeCount + number.fractionCount + (number.isNegative ? 1 : 0) == count {
            mostWholeDigits = max(mostWholeDigits, Int32(clamping: number.wholeCount))
            if NumberText.integer(text, count) != nil {
                found = .integer
            } else {
                found = NumberText.unsigned(text, count) == nil ? .long : .unsigned
            }
        } else {
            mostWholeDigits = max(mostWholeDigits, Int32(clamping: number.wholeCount))
            let scale = Int32(clamping: number.fractionCount)
            leastScale = min(leastScale, scale)
            mostScale = max(mostScale, scale)
            found = .decimal
        }
        if number.isNegative { found.insert(.negative) }
        if number.isNegative, !number.hasExponent, !number.isTooLong, number.digits == 0 {
            found.insert(.negativeZero)
        }
        let isSurelyExact =
            !number.hasExponent && !number.isTooLong && number.digits < 1_000_000_000_000_000
            && number.fractionCount < 300
        if !isSurelyExact, ExactText.double(text, count) == nil { found.insert(.inexact) }
        kinds.formUnion(found)
        return found
    }

    mutating func takeSpecial() { kinds.insert(.special) }

    mutating func merge(_ other: NumberFacts) {
        kinds.formUnion(other.kinds)
        leastScale = min(leastScale, other.leastScale)
        mostScale = max(mostScale, other.mostScale)
        mostWholeDigits = max(mostWholeDigits, other.mostWholeDigits)
    }

    /// The first type that holds all of them exactly, and why; nil when none does.
    var type: (type: ColumnType, care: Reading.Care, reason: String)? {
        let forms = kinds.subtracting([.negative, .inexact, .negativeZero])
        if kinds.contains(.negativeZero) {
            // An integer or a decimal would leave its sign out.
            return kinds.contains(.inexact) || forms == .integer
                ? nil : (.float64, .exact, "a negative zero")
        }
        if forms == .integer { return (.int64, .exact, "integers") }
        if forms.isSubset(of: [.integer, .unsigned]), !kinds.contains(.negative) {
            return (.uint64, .exact, "integers, some beyond INT64")
        }
        let isWithin18 = mostWholeDigits + mostScale <= 18
        if forms == .decimal, leastScale == mostScale, (1...9).contains(mostScale), isWithin18 {
            let digits = mostScale == 1 ? "1 digit" : "\(mostScale) digits"
            return (decimal, .exact, "\(digits) after the point in every value")
        }
        if !kinds.contains(.inexact), forms != .special {
            return (.float64, .exact, floatReason)
        }
        if forms.isSubset(of: [.integer, .decimal]), (1...18).contains(mostScale), isWithin18 {
            return (decimal, .exactUpToScale, "more digits than FLOAT64 holds exactly")
        }
        return nil
    }

    private var decimal: ColumnType { .decimal(precision: 18, scale: UInt8(mostScale)) }

    private var floatReason: String {
        if kinds.contains(.float) { return "numbers with an exponent" }
        if kinds.contains(.special) { return "numbers, and words for what is none" }
        if !kinds.contains(.decimal) { return "integers beyond INT64 that FLOAT64 holds exactly" }
        return leastScale == mostScale && !kinds.contains(.integer)
            ? "\(mostScale) digits after the point"
            : "different numbers of digits after the point"
    }
}
