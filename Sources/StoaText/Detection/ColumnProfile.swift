package import StoaModel

/// What is known of the values of one column: enough to choose its type, and two profiles of two
/// parts of a file add up to the profile of both.
package struct ColumnProfile: Hashable, Sendable {
    /// What kinds of values were seen.
    struct Kinds: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let integer = Kinds(rawValue: 1)
        /// Digits with a point, without an exponent.
        static let decimal = Kinds(rawValue: 2)
        /// Other numbers of FLOAT64.
        static let float = Kinds(rawValue: 4)
        /// `nan`, `inf`, `infinity`: numbers only among numbers.
        static let special = Kinds(rawValue: 8)
        static let bool = Kinds(rawValue: 16)
        static let date = Kinds(rawValue: 32)
        static let timestamp = Kinds(rawValue: 64)
        static let text = Kinds(rawValue: 128)
    }

    var kinds: Kinds = []
    /// Values that are not NULL.
    package private(set) var valueCount = 0
    /// Digits after the point of the decimals: fewest and most.
    private var leastScale = Int.max
    private var mostScale = 0
    /// Most digits before the point of a decimal.
    private var mostWholeDigits = 0

    package init() {}

    /// The type the column should have.
    ///
    /// INT64 for integers; DECIMAL(18,s) when every value has the same 1 … 9 digits after the
    /// point and none has more than 18 in all; otherwise FLOAT64 for numbers; DATE, TIMESTAMP
    /// (dates among timestamps are midnights), BOOL; STRING for all else and for nothing.
    package var type: ColumnType {
        switch kinds {
        case []: .string
        case .integer: .int64
        case .bool: .bool
        case .date: .date
        case .timestamp, [.date, .timestamp]: .timestamp
        case .decimal:
            leastScale == mostScale && (1...9).contains(mostScale)
                && mostWholeDigits + mostScale <= 18
                ? .decimal(precision: 18, scale: UInt8(mostScale)) : .float64
        default:
            kinds.isSubset(of: [.integer, .decimal, .float, .special]) && kinds != .special
                ? .float64 : .string
        }
    }

    /// Takes in what another part of the column showed.
    package mutating func merge(_ other: ColumnProfile) {
        kinds.formUnion(other.kinds)
        valueCount += other.valueCount
        leastScale = min(leastScale, other.leastScale)
        mostScale = max(mostScale, other.mostScale)
        mostWholeDigits = max(mostWholeDigits, other.mostWholeDigits)
    }

    /// Takes in one value. At least eight bytes behind it must be readable.
    mutating func add(_ text: UnsafeRawPointer, _ count: Int) {
        valueCount += 1
        guard kinds != .text else { return }
        let inner = trimmed(text, count)
        guard inner.count > 0 else {
            // Only blanks: NULL where the column is typed, kept as it is where it is STRING.
            valueCount -= 1
            return
        }
        kinds.formUnion(kind(inner.start, inner.count))
        if kinds.contains(.text) { kinds = .text }
    }

    private mutating func kind(_ text: UnsafeRawPointer, _ count: Int) -> Kinds {
        let first = text.load(as: UInt8.self)
        let isNumberStart =
            first == UInt8(ascii: "-") || first == UInt8(ascii: ".")
            || (48...57).contains(first)
        if isNumberStart, let number = FloatText.Scanned(text, count) {
            return numberKind(number, text, count)
        }
        if (48...57).contains(first) {
            var moments = MomentText()
            if moments.date(text, count) != nil { return .date }
            if moments.timestamp(text, count) != nil { return .timestamp }
            return .text
        }
        if BoolText.bool(text, count, isLenient: false) != nil { return .bool }
        return count <= 9 && FloatText.double(text, count)?.isFinite == false ? .special : .text
    }

    private mutating func numberKind(
        _ number: FloatText.Scanned, _ text: UnsafeRawPointer, _ count: Int
    ) -> Kinds {
        // 007 is a code, not a number: its zeros carry meaning.
        let leading = text.load(fromByteOffset: number.isNegative ? 1 : 0, as: UInt8.self)
        if number.wholeCount > 1, leading == UInt8(ascii: "0") { return .text }
        if number.hasExponent { return .float }
        let hasPoint =
            number.wholeCount + number.fractionCount
            + (number.isNegative ? 1 : 0) < count
        guard hasPoint else {
            // A longer integer would lose digits as a float.
            return NumberText.integer(text, count) == nil ? .text : .integer
        }
        leastScale = min(leastScale, number.fractionCount)
        mostScale = max(mostScale, number.fractionCount)
        mostWholeDigits = max(mostWholeDigits, number.wholeCount)
        return .decimal
    }
}
