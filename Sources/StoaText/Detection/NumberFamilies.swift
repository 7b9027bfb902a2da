/// Which ways of writing numbers all values of a column fit so far.
package struct NumberFamilies: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// In the order of preference; a family's bit is its position.
    static let styles: [NumberStyle] = {
        let point = NumberStyle.point, comma = NumberStyle.comma
        let space = UInt8(ascii: " "), apostrophe = UInt8(ascii: "'")
        return [
            .plain, NumberStyle(decimalMark: comma),
            NumberStyle(decimalMark: point, groupMark: comma),
            NumberStyle(decimalMark: comma, groupMark: point),
            NumberStyle(decimalMark: point, groupMark: space),
            NumberStyle(decimalMark: comma, groupMark: space),
            NumberStyle(decimalMark: point, groupMark: apostrophe),
            NumberStyle(decimalMark: comma, groupMark: apostrophe),
        ]
    }()

    static let plain = NumberFamilies(rawValue: 1)
    static let plainComma = NumberFamilies(rawValue: 2)
    static let pointGroups = NumberFamilies(rawValue: 8)
    static let all = NumberFamilies(rawValue: 0xFF)
    static let withPoint = NumberFamilies(rawValue: 0b0101_0101)
    static let withComma = NumberFamilies(rawValue: 0b1010_1010)

    static func family(_ index: Int) -> NumberFamilies { NumberFamilies(rawValue: 1 << index) }

    /// The first style in it.
    var style: NumberStyle? {
        isEmpty ? nil : Self.styles[rawValue.trailingZeroBitCount]
    }

    /// The families that a caller's words leave.
    package static func allowed(
        hasDecimalComma: Bool, groupMark: UInt8?
    ) -> NumberFamilies {
        var allowed = NumberFamilies.all
        if hasDecimalComma { allowed.formIntersection(.withComma) }
        if let groupMark {
            let fitting = styles.indices.filter { styles[$0].groupMark == groupMark }
            allowed.formIntersection(fitting.reduce(into: []) { $0.formUnion(family($1)) })
        }
        return allowed
    }
}
