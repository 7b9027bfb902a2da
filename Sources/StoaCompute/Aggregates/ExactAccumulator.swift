/// A sum of doubles without any rounding: a fixed-point number that covers every double, in two's
/// complement.
///
///     bit 0          2^-1074, the smallest positive double
///     bit 2,097      2^1023
///     bits to 2,240  room for 2^79 summands and the sign
///
/// Source: Kulisch, "Computer Arithmetic and Validity" (2008), the long accumulator. The order of
/// the summands cannot matter, because nothing is lost.
package struct ExactAccumulator: Sendable {
    static let wordCount = 35
    /// The exponent of bit 0.
    static let lowestExponent = -1_074
    private(set) var words = [UInt64](repeating: 0, count: wordCount)

    package init() {}

    /// Adds `mantissa × 2^(bit - 1074)`.
    package mutating func add(_ mantissa: Int128, atBit bit: Int) {
        let word = bit >> 6
        let shift = UInt64(bit & 63)
        let magnitude = mantissa.magnitude
        let low = UInt64(truncatingIfNeeded: magnitude)
        let high = UInt64(truncatingIfNeeded: magnitude >> 64)
        let parts =
            shift == 0
            ? (low, high, 0)
            : (low << shift, high << shift | low >> (64 - shift), high >> (64 - shift))
        if mantissa >= 0 {
            addParts(parts, at: word)
        } else {
            subtractParts(parts, at: word)
        }
    }

    private mutating func addParts(_ parts: (UInt64, UInt64, UInt64), at first: Int) {
        var carry = false
        var index = first
        func next(_ part: UInt64, _ word: inout UInt64) {
            let (sum, overflow) = word.addingReportingOverflow(part)
            let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
            word = total
            carry = overflow || second
        }
        next(parts.0, &words[index])
        if index + 1 < Self.wordCount { next(parts.1, &words[index + 1]) }
        if index + 2 < Self.wordCount { next(parts.2, &words[index + 2]) }
        index += 3
        while carry, index < Self.wordCount {
            next(0, &words[index])
            index += 1
        }
    }

    private mutating func subtractParts(_ parts: (UInt64, UInt64, UInt64), at first: Int) {
        var borrow = false
        var index = first
        func next(_ part: UInt64, _ word: inout UInt64) {
            let (difference, overflow) = word.subtractingReportingOverflow(part)
            let (total, second) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
            word = total
            borrow = overflow || second
        }
        next(parts.0, &words[index])
        if index + 1 < Self.wordCount { next(parts.1, &words[index + 1]) }
        if index + 2 < Self.wordCount { next(parts.2, &words[index + 2]) }
        index += 3
        while borrow, index < Self.wordCount {
            next(0, &words[index])
            index += 1
        }
    }

    /// Adds another sum.
    package mutating func add(_ other: ExactAccumulator) {
        var carry = false
        for index in 0..<Self.wordCount {
            let (sum, overflow) = words[index].addingReportingOverflow(other.words[index])
            let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
            words[index] = total
            carry = overflow || second
        }
    }

    /// The sum divided by `divisor`, rounded once to the nearest double, ties to even.
    package func rounded(dividedBy divisor: UInt64 = 1) -> Double {
        let isNegative = words[Self.wordCount - 1] >> 63 == 1
        // One word more below, so that a quotient keeps 64 bits behind the smallest double.
        var magnitude = [UInt64](repeating: 0, count: 1) + (isNegative ? negatedWords : words)
        var remainder: UInt64 = 0
        if divisor > 1 {
            for index in stride(from: magnitude.count - 1, through: 0, by: -1) {
                let step = divisor.dividingFullWidth((remainder, magnitude[index]))
                magnitude[index] = step.quotient
                remainder = step.remainder
            }
        }
        let value = Self.nearest(magnitude, isSticky: remainder != 0)
        return isNegative ? -value : value
    }

    private var negatedWords: [UInt64] {
        var result = words.map { ~$0 }
        for index in result.indices {
            let (sum, overflow) = result[index].addingReportingOverflow(1)
            result[index] = sum
            if !overflow { break }
        }
        return result
    }

    /// The double nearest to a magnitude whose bit 64 is 2^-1074.
    private static func nearest(_ words: [UInt64], isSticky: Bool) -> Double {
        guard let top = words.lastIndex(where: { $0 != 0 }) else { return 0 }
        let topBit = top * 64 + 63 - words[top].leadingZeroBitCount
        // The lowest bit that a double can keep: 52 below the top, never under 2^-1074.
        let unitBit = max(64, topBit - 52)
        var mantissa = bits(words, from: unitBit, count: 53)
        let half = isBitSet(words, unitBit - 1)
        let hasTail = isSticky || hasBits(words, below: unitBit - 1)
        if half, hasTail || mantissa & 1 == 1 { mantissa += 1 }
        // A carry to 2^53 is exact as a double; beyond the largest it becomes infinite.
        let exponent = unitBit - 64 + lowestExponent
        if exponent > 971 { return .infinity }
        return Double(mantissa) * Double(sign: .plus, exponent: exponent, significand: 1)
    }

    private static func bits(_ words: [UInt64], from first: Int, count: Int) -> UInt64 {
        let word = first >> 6
        let shift = UInt64(first & 63)
        var value = word < words.count ? words[word] >> shift : 0
        if shift != 0, word + 1 < words.count { value |= words[word + 1] << (64 - shift) }
        return value & ((1 << UInt64(count)) - 1)
    }

    private static func isBitSet(_ words: [UInt64], _ bit: Int) -> Bool {
        words[bit >> 6] >> UInt64(bit & 63) & 1 == 1
    }

    private static func hasBits(_ words: [UInt64], below bit: Int) -> Bool {
        let word = bit >> 6
        if words[..<word].contains(where: { $0 != 0 }) { return true }
        return words[word] & ((1 << UInt64(bit & 63)) - 1) != 0
    }
}
