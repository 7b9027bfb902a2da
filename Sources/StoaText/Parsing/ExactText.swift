internal import StoaBase
internal import StoaModel

/// Reads numbers whose text the value gives back: what detection calls a number of a type, and
/// nothing else. At least eight bytes behind every text must be readable.
enum ExactText {
    /// An integer without a plus sign, needless zeros, and a minus at zero.
    @inline(__always)
    static func integer(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
        guard !hasNeedlessHead(text, count), let value = NumberText.integer(text, count) else {
            return nil
        }
        return value == 0 && text.load(as: UInt8.self) == UInt8(ascii: "-") ? nil : value
    }

    /// As `integer`, up to UINT64.
    static func unsigned(_ text: UnsafeRawPointer, _ count: Int) -> UInt64? {
        // A minus is none of UINT64, though its zero is.
        text.load(as: UInt8.self) &- 48 > 9 || hasLeadingZero(text)
            ? nil : NumberText.unsigned(text, count)
    }

    /// A decimal with `scale` digits after the point, or with fewer where `allowsFewer`.
    @inline(__always)
    static func decimal(
        _ text: UnsafeRawPointer, _ count: Int, scale: Int, precisionLimit: Int64,
        allowsFewer: Bool
    ) -> Int64? {
        guard !hasNeedlessHead(text, count),
            let value = NumberText.decimal(
                text, count, scale: scale, precisionLimit: precisionLimit),
            value != 0 || text.load(as: UInt8.self) != UInt8(ascii: "-")
        else { return nil }
        if allowsFewer {
            guard let number = FloatText.Scanned(text, count) else { return nil }
            return number.fractionCount <= scale ? value : nil
        }
        let point = count &- scale &- 1
        return point >= 0 && text.load(fromByteOffset: point, as: UInt8.self) == NumberStyle.point
            ? value : nil
    }

    /// The nearest double, if it has all the digits of the text, at most 17 of them unless there
    /// is an exponent; `nan` and `inf` too. A plus sign is taken where there is an exponent, as
    /// instruments write both.
    static func double(_ text: UnsafeRawPointer, _ count: Int) -> Double? {
        guard let number = FloatText.Scanned(text, count) else {
            return text.load(as: UInt8.self) == UInt8(ascii: "+")
                ? nil : FloatText.double(text, count)
        }
        guard !hasLeadingZero(text), number.hasExponent || !hasPlus(text),
            let value = FloatText.double(number, text, count),
            FaithfulFloat.holds(value, number, text, count)
        else { return nil }
        // Who writes more digits without an exponent writes no double.
        let isLong = number.isTooLong || number.digits >= 100_000_000_000_000_000
        if isLong, !number.hasExponent, FaithfulFloat.digitCount(text, count) > 17 { return nil }
        return value
    }

    @inline(__always)
    static func hasPlus(_ text: UnsafeRawPointer) -> Bool {
        text.load(as: UInt8.self) == UInt8(ascii: "+")
    }

    /// Whether a zero stands in front of another digit. What follows a cell is no digit.
    @inline(__always)
    static func hasLeadingZero(_ text: UnsafeRawPointer) -> Bool {
        let first = text.load(as: UInt8.self)
        let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        let lead = isSigned ? text.load(fromByteOffset: 1, as: UInt8.self) : first
        guard lead == UInt8(ascii: "0") else { return false }
        return text.load(fromByteOffset: isSigned ? 2 : 1, as: UInt8.self) &- 48 <= 9
    }

    @inline(__always)
    private static func hasNeedlessHead(_ text: UnsafeRawPointer, _ count: Int) -> Bool {
        // Digits from 1 to 9 are by far the commonest.
        if text.load(as: UInt8.self) &- 49 <= 8 { return false }
        return hasPlus(text) || hasLeadingZero(text)
    }
}
