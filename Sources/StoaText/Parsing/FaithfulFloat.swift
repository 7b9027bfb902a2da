internal import StoaBase

/// Whether a double has all the digits of the text it was read from: written with as many digits,
/// it gives the text's digits again. `0.1` has them, and so has what `printf` wrote with any
/// number of digits; `12345678901234567890` has not.
enum FaithfulFloat {
    /// 15 digits always come back from a double that is not subnormal.
    private static let sureDigits: UInt64 = 1_000_000_000_000_000
    /// Longer texts are no numbers that anybody reads.
    private static let byteCountLimit = 1_100

    /// - Parameter value: the double nearest to the text.
    static func holds(
        _ value: Double, _ number: FloatText.Scanned, _ text: UnsafeRawPointer, _ count: Int
    ) -> Bool {
        if !number.isTooLong {
            if number.digits < sureDigits, value.isNormal || number.digits == 0 { return true }
            var digits = number.digits
            var exponent = number.exponent
            while digits >= sureDigits, digits % 10 == 0 {
                digits /= 10
                exponent += 1
            }
            if digits < sureDigits, value.isNormal { return true }
            if value.isNormal, (-27...0).contains(exponent),
                let isHeld = holds(value.magnitude, digits, fractionCount: -exponent)
            {
                return isHeld
            }
        }
        return value != 0 ? holdsSlowly(value.magnitude, number, text, count) : isZero(text, count)
    }

    /// Compares `digits` with the value times 10^`fractionCount`, exactly; nil when 128 bits are
    /// too few.
    private static func holds(_ value: Double, _ digits: UInt64, fractionCount: Int) -> Bool? {
        let five = FloatText.powersOfFive[fractionCount]
        // 53 bits times 63.
        let product = UInt128(value.significandBitPattern | 1 << 52) * UInt128(five)
        let shift = Int(value.exponent) - 52 + fractionCount
        if shift >= 0 {
            return shift <= product.leadingZeroBitCount && product << UInt128(shift) == digits
        }
        let room = UInt128(digits).leadingZeroBitCount
        guard -shift < room else { return nil }
        let wanted = UInt128(digits) << UInt128(-shift)
        let half = UInt128(1) << UInt128(-shift - 1)
        let difference = product > wanted ? product - wanted : wanted - product
        return difference < half || (difference == half && digits % 2 == 0)
    }

    /// The same with numbers of any length.
    private static func holdsSlowly(
        _ value: Double, _ number: FloatText.Scanned, _ text: UnsafeRawPointer, _ count: Int
    ) -> Bool {
        guard count <= byteCountLimit, number.exponent.magnitude <= 2_000 else { return false }
        var digits: [UInt8] = []
        for offset in 0..<count {
            let byte = text.load(fromByteOffset: offset, as: UInt8.self)
            if byte | 0x20 == UInt8(ascii: "e") { break }
            if byte &- 48 <= 9 { digits.append(byte - 48) }
        }
        var exponent = number.exponent
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        var wanted = BigNatural()
        for digit in digits { wanted.append(digit: UInt32(digit)) }
        var unit = BigNatural(1)
        var found = BigNatural(
            value.isNormal
                ? value.significandBitPattern | 1 << 52 : value.significandBitPattern)
        let power = value.isNormal ? Int(value.exponent) - 52 : -1_074
        if exponent >= 0 {
            wanted.multiply(byPowerOfTen: exponent)
            unit.multiply(byPowerOfTen: exponent)
        } else {
            found.multiply(byPowerOfTen: -exponent)
        }
        if power >= 0 {
            found.shiftLeft(power)
        } else {
            wanted.shiftLeft(-power)
            unit.shiftLeft(-power)
        }
        var difference = found.distance(to: wanted)
        difference.shiftLeft(1)
        // Halfway between two texts printf takes the even digit.
        let isEven = (digits.last ?? 0) % 2 == 0
        return isEven ? !unit.isLess(than: difference) : difference.isLess(than: unit)
    }

    /// Digits from the first that is not zero to the last, before an exponent.
    static func digitCount(_ text: UnsafeRawPointer, _ count: Int) -> Int {
        var digitCount = 0
        var zeroCount = 0
        for offset in 0..<count {
            let byte = text.load(fromByteOffset: offset, as: UInt8.self)
            if byte == 48 {
                if digitCount > 0 { zeroCount += 1 }
            } else if byte &- 48 <= 9 {
                digitCount += zeroCount + 1
                zeroCount = 0
            }
        }
        return digitCount
    }

    private static func isZero(_ text: UnsafeRawPointer, _ count: Int) -> Bool {
        for offset in 0..<count {
            let byte = text.load(fromByteOffset: offset, as: UInt8.self)
            if byte | 0x20 == UInt8(ascii: "e") { return true }
            if (49...57).contains(byte) { return false }
        }
        return true
    }
}

/// An integer of any length, as far as comparing doubles with their texts needs it.
private struct BigNatural {
    /// The lowest 32 bits first, no zero at the end.
    private var words: [UInt32] = []

    init() {}

    init(_ number: UInt64) {
        words = [UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32)]
        trim()
    }

    mutating func append(digit: UInt32) { multiply(by: 10, adding: digit) }

    mutating func multiply(byPowerOfTen power: Int) {
        for _ in 0..<power / 9 { multiply(by: 1_000_000_000, adding: 0) }
        for _ in 0..<power % 9 { multiply(by: 10, adding: 0) }
    }

    mutating func shiftLeft(_ bitCount: Int) {
        guard !words.isEmpty else { return }
        multiply(by: 1 << UInt32(bitCount % 32), adding: 0)
        words.insert(contentsOf: [UInt32](repeating: 0, count: bitCount / 32), at: 0)
    }

    func isLess(than other: BigNatural) -> Bool {
        if words.count != other.words.count { return words.count < other.words.count }
        for index in words.indices.reversed() where words[index] != other.words[index] {
            return words[index] < other.words[index]
        }
        return false
    }

    func distance(to other: BigNatural) -> BigNatural {
        isLess(than: other) ? other.minus(self) : minus(other)
    }

    /// The difference to a number that is not larger.
    private func minus(_ other: BigNatural) -> BigNatural {
        var result = self
        var borrow: Int64 = 0
        for index in words.indices {
            let taken = index < other.words.count ? Int64(other.words[index]) : 0
            let rest = Int64(words[index]) - taken - borrow
            borrow = rest < 0 ? 1 : 0
            result.words[index] = UInt32(truncatingIfNeeded: rest)
        }
        invariant(borrow == 0, "the larger number comes first")
        result.trim()
        return result
    }

    private mutating func multiply(by factor: UInt32, adding rest: UInt32) {
        var carry = UInt64(rest)
        for index in words.indices {
            let product = UInt64(words[index]) * UInt64(factor) + carry
            words[index] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { words.append(UInt32(carry)) }
    }

    private mutating func trim() {
        while words.last == 0 { words.removeLast() }
    }
}
