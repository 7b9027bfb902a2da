internal import StoaBase

/// Reads floats from cells, always the nearest double (ties to even).
///
/// Numbers of at most 19 digits with a power of ten of at most 27 are computed exactly: the
/// digits times 5^n in 128 bits, or the digits divided by 5^n with the remainder deciding the
/// rounding; 5^27 is the largest that fits 64 bits. Everything else goes through the standard
/// library. At least eight bytes behind every text must be readable.
enum FloatText {
    /// `[+-]digits[.digits][e[+-]digits]`, `nan`, `inf` or `infinity` in any case; nil for
    /// anything else, and for a number beyond the largest double, as in a CAST.
    static func double(_ text: UnsafeRawPointer, _ count: Int) -> Double? {
        guard let number = Scanned(text, count) else { return special(text, count) }
        return double(number, text, count)
    }

    /// The double of a number that was scanned already.
    static func double(_ number: Scanned, _ text: UnsafeRawPointer, _ count: Int) -> Double? {
        guard !number.isTooLong, (-27...27).contains(number.exponent) else {
            return slow(text, count, as: Double.self).flatMap { $0.isFinite ? $0 : nil }
        }
        let magnitude = nearest(number.digits, exponent: number.exponent)
        return number.isNegative ? -magnitude : magnitude
    }

    /// The nearest float, rounded once from the text; nil for a number beyond the largest one.
    static func float(_ text: UnsafeRawPointer, _ count: Int) -> Float? {
        guard let wide = double(text, count) else { return nil }
        // Halfway between two floats the double may itself be rounded: ask the text again.
        let isHalfway = wide.bitPattern & 0x1FFF_FFFF == 0x1000_0000
        let isSubnormal = wide.magnitude < Double(Float.leastNormalMagnitude) && wide != 0
        let narrow = isHalfway || isSubnormal ? slow(text, count, as: Float.self) : Float(wide)
        return narrow.flatMap { $0.isFinite || !wide.isFinite ? $0 : nil }
    }

    /// What a number's text says, when it has the form of one.
    struct Scanned {
        var isNegative: Bool
        /// All digits read as one integer; meaningless when `isTooLong`.
        var digits: UInt64 = 0
        /// The power of ten that `digits` is multiplied by.
        var exponent = 0
        /// More significant digits than 64 bits surely hold.
        var isTooLong = false
        /// Digits written before and after the point.
        var wholeCount = 0
        var fractionCount = 0
        /// Whether there is an `e`.
        var hasExponent = false

        init?(_ text: UnsafeRawPointer, _ count: Int) {
            let sign = NumberText.Sign(text, count)
            isNegative = sign.isNegative
            var position = sign.byteCount
            let wholeStart = position
            takeDigits(text, count, &position)
            wholeCount = position - wholeStart
            var digitEnd = position
            if position < count, Self.byte(text, position) == UInt8(ascii: ".") {
                position += 1
                let fractionStart = position
                takeDigits(text, count, &position)
                fractionCount = position - fractionStart
                digitEnd = position
            }
            guard wholeCount + fractionCount > 0 else { return nil }
            exponent = -fractionCount
            isTooLong =
                wholeCount + fractionCount > 19
                && Self.significantCount(text, wholeStart..<digitEnd) > 19
            if position == count { return }
            guard takeExponent(text, count, &position), position == count else { return nil }
        }

        private mutating func takeDigits(
            _ text: UnsafeRawPointer, _ count: Int, _ position: inout Int
        ) {
            while count &- position >= 8, let eight = NumberText.digits(text + position, 8) {
                digits = digits &* 100_000_000 &+ eight
                position &+= 8
            }
            while position < count {
                let digit = Self.byte(text, position) &- 48
                guard digit <= 9 else { return }
                digits = digits &* 10 &+ UInt64(digit)
                position += 1
            }
        }

        private mutating func takeExponent(
            _ text: UnsafeRawPointer, _ count: Int, _ position: inout Int
        ) -> Bool {
            guard Self.byte(text, position) | 0x20 == UInt8(ascii: "e") else { return false }
            hasExponent = true
            position += 1
            let sign = NumberText.Sign(text + position, count - position)
            position += sign.byteCount
            let start = position
            var power = 0
            while position < count, Self.byte(text, position) &- 48 <= 9 {
                // Beyond a million the value is zero or infinite, whatever its digits.
                power = min(power * 10 + Int(Self.byte(text, position) &- 48), 1_000_000)
                position += 1
            }
            exponent += sign.isNegative ? -power : power
            return position > start
        }

        private static func significantCount(_ text: UnsafeRawPointer, _ range: Range<Int>) -> Int {
            var significant = 0
            for position in range where byte(text, position) != UInt8(ascii: ".") {
                if significant > 0 || byte(text, position) != 48 { significant += 1 }
            }
            return significant
        }

        @inline(__always)
        private static func byte(_ text: UnsafeRawPointer, _ offset: Int) -> UInt8 {
            text.load(fromByteOffset: offset, as: UInt8.self)
        }
    }

    /// `digits` × 10^`exponent`, rounded once to the nearest double; -27 … 27.
    static func nearest(_ digits: UInt64, exponent: Int) -> Double {
        guard digits != 0 else { return 0 }
        invariant((-27...27).contains(exponent), "the power of five fits 64 bits")
        if digits < 1 << 53, (-22...22).contains(exponent) {
            // Both are exact doubles, so one operation rounds once (Clinger 1990).
            let power = exactPowers.withUnsafeBufferPointer { $0[exponent.magnitude.asIndex] }
            return exponent < 0 ? Double(digits) / power : Double(digits) * power
        }
        let five = powersOfFive.withUnsafeBufferPointer { $0[exponent.magnitude.asIndex] }
        if exponent >= 0 {
            let product = UInt128(digits) * UInt128(five)
            return scale(Double(product), by: exponent)
        }
        if let quotient = quotient(digits, byPowerOfFive: -exponent) { return quotient }
        // Top bits one below the divisor's, so that the quotient fits and has 63 bits or 64.
        let digitShift = digits.leadingZeroBitCount
        let divisorShift = five.leadingZeroBitCount
        let dividend = digits << UInt64(digitShift)
        let divided = (five << UInt64(divisorShift)).dividingFullWidth(
            (dividend >> 1, dividend << 63))
        // A remainder only has to be seen: it sets the lowest bit, far below the rounding place.
        let quotient = divided.quotient | (divided.remainder == 0 ? 0 : 1)
        return scale(Double(quotient), by: exponent + divisorShift - digitShift - 63)
    }

    /// `digits` / 10^`power` by one multiplication, where that decides the rounding; 1 … 27.
    ///
    /// The reciprocal of 5^power is cut to 64 bits, so the product's upper half is the true one or
    /// one too small. Only next to the middle between two doubles does that matter. The idea is
    /// that of Lemire, "Number Parsing at a Gigabyte per Second" (2021).
    private static func quotient(_ digits: UInt64, byPowerOfFive power: Int) -> Double? {
        let reciprocal = reciprocals.withUnsafeBufferPointer { $0[power] }
        let digitShift = digits.leadingZeroBitCount
        let product = (digits << UInt64(digitShift)).multipliedFullWidth(by: reciprocal.bits).high
        let dropped = 10 + Int(product >> 63)
        let middle: UInt64 = 1 << UInt64(dropped - 1)
        let rest = product & (middle * 2 - 1)
        guard rest != middle, rest != middle - 1 else { return nil }
        let significand = product >> UInt64(dropped) + (rest > middle ? 1 : 0)
        let exponent = dropped - digitShift - reciprocal.shift + 1 - power
        return Double(significand) * Double(bitPattern: UInt64(1_023 + exponent) << 52)
    }

    /// 2^(63 + shift) / 5^n cut to 64 bits, of which the highest is set.
    private static let reciprocals: [(bits: UInt64, shift: Int)] = powersOfFive.map { five in
        let shift = 64 - five.leadingZeroBitCount
        // 5^0 is a power of two and takes one bit more than its neighbours: it is not used.
        guard five > 1 else { return (bits: .max, shift: shift) }
        return (bits: five.dividingFullWidth((1 << UInt64(shift - 1), 0)).quotient, shift: shift)
    }

    /// Times a power of two; exact, because every number here is far from the ends.
    private static func scale(_ value: Double, by power: Int) -> Double {
        Double(
            sign: .plus, exponent: value.exponent + power, significand: value.significand)
    }

    private static let exactPowers: [Double] = (0...22).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    static let powersOfFive: [UInt64] = (0...27).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 5 }
    }

    /// `nan`, `inf` or `infinity`, in any case.
    static func special(_ text: UnsafeRawPointer, _ count: Int) -> Double? {
        guard count <= 9 else { return nil }
        let sign = NumberText.Sign(text, count)
        let word = (sign.byteCount..<max(count, sign.byteCount)).map {
            text.load(fromByteOffset: $0, as: UInt8.self) | 0x20
        }
        switch word {
        case Array("nan".utf8): return sign.byteCount == 0 ? .nan : nil
        case Array("inf".utf8), Array("infinity".utf8):
            return sign.isNegative ? -.infinity : .infinity
        default: return nil
        }
    }

    private static func slow<Number: LosslessStringConvertible>(
        _ text: UnsafeRawPointer, _ count: Int, as type: Number.Type
    ) -> Number? {
        Number(String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self))
    }
}

extension UInt {
    /// Of a magnitude that is known to be small.
    fileprivate var asIndex: Int { Int(truncatingIfNeeded: self) }
}
