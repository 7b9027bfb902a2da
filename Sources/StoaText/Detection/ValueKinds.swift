/// What kinds of values a column has shown.
struct ValueKinds: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    static let integer = ValueKinds(rawValue: 1)
    /// An integer above INT64 that UINT64 holds; a longer one.
    static let unsigned = ValueKinds(rawValue: 1 << 1)
    static let long = ValueKinds(rawValue: 1 << 2)
    static let negative = ValueKinds(rawValue: 1 << 3)
    /// Digits with a point, without an exponent.
    static let decimal = ValueKinds(rawValue: 1 << 4)
    /// A number with an exponent.
    static let float = ValueKinds(rawValue: 1 << 5)
    /// A number whose digits a double does not hold.
    static let inexact = ValueKinds(rawValue: 1 << 6)
    /// `nan`, `inf`, `infinity`: numbers only among numbers.
    static let special = ValueKinds(rawValue: 1 << 7)
    static let bool = ValueKinds(rawValue: 1 << 8)
    /// A day without and with a time of day.
    static let date = ValueKinds(rawValue: 1 << 9)
    static let timestamp = ValueKinds(rawValue: 1 << 10)
    /// A moment with and without a zone.
    static let zoned = ValueKinds(rawValue: 1 << 11)
    static let local = ValueKinds(rawValue: 1 << 12)
    /// A number with and without a unit at it.
    static let unit = ValueKinds(rawValue: 1 << 13)
    static let bare = ValueKinds(rawValue: 1 << 14)
    /// `-0`, which only floats hold.
    static let negativeZero = ValueKinds(rawValue: 1 << 15)

    // From here on: what no type but STRING holds.
    static let leadingZero = ValueKinds(rawValue: 1 << 16)
    static let plusSign = ValueKinds(rawValue: 1 << 17)
    /// A word of `ProfileRules.nullWords`.
    static let nullWord = ValueKinds(rawValue: 1 << 18)
    static let beyondMicrosecond = ValueKinds(rawValue: 1 << 19)
    /// Numbers, units or dates that are written in another way than those before.
    static let otherMarks = ValueKinds(rawValue: 1 << 20)
    static let otherUnit = ValueKinds(rawValue: 1 << 21)
    static let otherDates = ValueKinds(rawValue: 1 << 22)
    static let text = ValueKinds(rawValue: 1 << 23)

    /// Digits that are no number.
    static let codes: ValueKinds = [.leadingZero, .plusSign]
    static let numbers: ValueKinds = [.integer, .unsigned, .long, .decimal, .float]
    static let moments: ValueKinds = [.date, .timestamp]
    static let onlyStrings = ValueKinds(rawValue: 0xFF << 16)
    /// Every kind by itself.
    static let each = (0..<24).map { ValueKinds(rawValue: 1 << $0) }
}
