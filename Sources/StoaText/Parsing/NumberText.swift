internal import StoaBase
internal import StoaModel

/// Reads integers and scaled integers from cells. At least eight bytes behind every text must be
/// readable; their values do not matter.
enum NumberText {
    /// `[+-]digits` in the range of INT64; nil for anything else.
    @inline(__always)
    static func integer(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
        let sign = Sign(text, count)
        let digitCount = count &- sign.byteCount
        guard digitCount > 0 else { return nil }
        if digitCount <= 18 {
            guard let magnitude = digits(text + sign.byteCount, digitCount) else { return nil }
            return sign.isNegative ? 0 &- Int64(magnitude) : Int64(magnitude)
        }
        return longInteger(text + sign.byteCount, digitCount, isNegative: sign.isNegative)
    }

    /// An integer of any length that may begin with zeros; the range is checked.
    private static func longInteger(
        _ text: UnsafeRawPointer, _ count: Int, isNegative: Bool
    ) -> Int64? {
        var value: Int64 = 0
        for offset in 0..<count {
            let digit = Int64(text.load(fromByteOffset: offset, as: UInt8.self)) - 48
            guard (0...9).contains(digit) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            // Built below zero, because INT64 reaches one further there.
            let (difference, wentBelow) = product.subtractingReportingOverflow(digit)
            guard !overflowed, !wentBelow else { return nil }
            value = difference
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// `digits` in the range of UINT64; nil for anything else.
    static func unsigned(_ text: UnsafeRawPointer, _ count: Int) -> UInt64? {
        let sign = Sign(text, count)
        guard count > sign.byteCount else { return nil }
        var value: UInt64 = 0
        for offset in sign.byteCount..<count {
            let digit = UInt64(text.load(fromByteOffset: offset, as: UInt8.self)) &- 48
            guard digit <= 9 else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, wentAbove) = product.addingReportingOverflow(digit)
            guard !overflowed, !wentAbove else { return nil }
            value = sum
        }
        return sign.isNegative && value > 0 ? nil : value
    }

    /// `[+-]digits[.digits]` as an integer scaled by 10^`scale`, `scale` ≤ 18, of at most
    /// `precision` digits. Digits beyond the scale must be zeros.
    @inline(__always)
    static func decimal(
        _ text: UnsafeRawPointer, _ count: Int, scale: Int, precisionLimit: Int64
    ) -> Int64? {
        let sign = Sign(text, count)
        let start = text + sign.byteCount
        let length = count &- sign.byteCount
        // The common shape: the point stands exactly where the scale puts it.
        let wholeCount = length &- scale &- 1
        if scale > 0, wholeCount > 0, wholeCount <= 9, scale <= 9,
            start.load(fromByteOffset: wholeCount, as: UInt8.self) == UInt8(ascii: "."),
            let whole = digits(start, wholeCount),
            let fraction = digits(start + wholeCount + 1, scale)
        {
            let magnitude = Int64(whole) &* powerOfTen(scale) &+ Int64(fraction)
            guard magnitude <= precisionLimit else { return nil }
            return sign.isNegative ? 0 &- magnitude : magnitude
        }
        return longDecimal(
            UnsafeRawBufferPointer(start: text, count: count), scale: scale,
            precisionLimit: precisionLimit)
    }

    private static func longDecimal(
        _ text: UnsafeRawBufferPointer, scale: Int, precisionLimit: Int64
    ) -> Int64? {
        guard let parsed = DecimalText.parse(text),
            let unscaled = DecimalText.rescale(parsed, to: scale),
            unscaled.magnitude <= UInt128(precisionLimit)
        else { return nil }
        return Int64(unscaled)
    }

    /// 1 … 18 decimal digits; nil when one of the bytes is none.
    @inline(__always)
    static func digits(_ text: UnsafeRawPointer, _ count: Int) -> UInt64? {
        if count <= 8 { return eightDigits(text, count) }
        let headCount = count &- 8
        guard let tail = eightDigits(text + headCount, 8) else { return nil }
        if headCount <= 8 {
            guard let head = eightDigits(text, headCount) else { return nil }
            return head &* 100_000_000 &+ tail
        }
        guard let head = eightDigits(text, headCount &- 8),
            let middle = eightDigits(text + (headCount &- 8), 8)
        else { return nil }
        return (head &* 100_000_000 &+ middle) &* 100_000_000 &+ tail
    }

    /// 1 … 8 digits with three multiplications.
    ///
    /// Source: Wojciech Muła, "SIMD-ized parsing of numbers"; the form for one 64-bit word.
    @inline(__always)
    private static func eightDigits(_ text: UnsafeRawPointer, _ count: Int) -> UInt64? {
        // Short texts move to the word's end, and zeros come in front of them.
        let shift = UInt64(truncatingIfNeeded: 64 &- count &* 8)
        let padding = shift == 0 ? 0 : 0x3030_3030_3030_3030 &>> (64 &- shift)
        let word = (WordSearch.load(text) &<< shift) | padding
        let values = word ^ 0x3030_3030_3030_3030
        // A byte above 9 carries into its high half.
        guard (values | (values &+ 0x7676_7676_7676_7676)) & WordSearch.highs == 0 else {
            return nil
        }
        let pairs = (values &* 10) &+ (values &>> 8)
        let low = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let high = ((pairs &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (low &+ high) &>> 32
    }

    /// 10^`exponent`, 0 … 18.
    @inline(__always)
    static func powerOfTen(_ exponent: Int) -> Int64 {
        invariant((0...18).contains(exponent), "the power fits 64 bits")
        return powers.withUnsafeBufferPointer { $0[exponent] }
    }

    private static let powers: [Int64] = (0...18).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    /// A sign in front of a number.
    struct Sign {
        let isNegative: Bool
        let byteCount: Int

        @inline(__always)
        init(_ text: UnsafeRawPointer, _ count: Int) {
            let first = text.load(as: UInt8.self)
            isNegative = count > 0 && first == UInt8(ascii: "-")
            byteCount = isNegative || (count > 0 && first == UInt8(ascii: "+")) ? 1 : 0
        }
    }
}
