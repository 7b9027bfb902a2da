/// Arithmetic on big numbers of 64-bit words, the lowest first, in memory of the caller.
enum WordArithmetic {
    typealias Words = UnsafeMutablePointer<UInt64>

    /// Words up to the highest that is not zero.
    static func significantCount(_ words: Words, _ count: Int) -> Int {
        var count = count
        while count > 0, words[count &- 1] == 0 { count &-= 1 }
        return count
    }

    /// Whether a number in two's complement is below zero.
    static func isNegative(_ words: Words, _ count: Int) -> Bool { words[count &- 1] >> 63 == 1 }

    /// `words = -words`, in two's complement.
    static func negate(_ words: Words, _ count: Int) {
        var carry = true
        for index in 0..<count {
            let (sum, overflow) = (~words[index]).addingReportingOverflow(carry ? 1 : 0)
            words[index] = sum
            carry = overflow
        }
    }

    /// Adds `magnitude × 2^bit`, or takes it away, modulo the words' size.
    static func add(
        _ magnitude: UInt128, isNegative: Bool, atBit bit: Int, to words: Words, _ count: Int
    ) {
        let shift = UInt64(truncatingIfNeeded: bit & 63)
        let low = UInt64(truncatingIfNeeded: magnitude)
        let high = UInt64(truncatingIfNeeded: magnitude &>> 64)
        var parts = (low, high, UInt64(0))
        if shift != 0 {
            let rest = 64 &- shift
            parts = (low &<< shift, high &<< shift | low &>> rest, high &>> rest)
        }
        // Taking away is adding the complement: the flip makes the carry a borrow.
        let flip: UInt64 = isNegative ? .max : 0
        var carry = isNegative
        var index = bit &>> 6
        func next(_ part: UInt64, _ words: Words) {
            guard index < count else { return }
            let (sum, overflow) = words[index].addingReportingOverflow(part ^ flip)
            let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
            words[index] = total
            carry = overflow || second
            index &+= 1
        }
        next(parts.0, words)
        next(parts.1, words)
        next(parts.2, words)
        // Above, a carry adds one to zero, a borrow all ones without a carry.
        while carry != isNegative, index < count { next(0, words) }
    }

    /// `words += other`, modulo the words' size.
    static func add(_ other: Words, to words: Words, _ count: Int) {
        var carry = false
        for index in 0..<count {
            let (sum, overflow) = words[index].addingReportingOverflow(other[index])
            let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
            words[index] = total
            carry = overflow || second
        }
    }

    /// `words -= other`, which is not greater and has no more words.
    static func subtract(_ other: Words, _ otherCount: Int, from words: Words, _ count: Int) {
        var borrow = false
        for index in 0..<count {
            let part = index < otherCount ? other[index] : 0
            let (difference, overflow) = words[index].subtractingReportingOverflow(part)
            let (total, second) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
            words[index] = total
            borrow = overflow || second
            if index >= otherCount, !borrow { return }
        }
    }

    /// `result = words²`, of twice as many words.
    static func square(_ words: Words, _ count: Int, into result: Words) {
        result.update(repeating: 0, count: count * 2)
        for left in 0..<count {
            var carry: UInt64 = 0
            for right in 0..<count {
                let product = words[left].multipliedFullWidth(by: words[right])
                let sum =
                    UInt128(product.high) << 64 + UInt128(product.low)
                    + UInt128(result[left &+ right]) + UInt128(carry)
                result[left &+ right] = UInt64(truncatingIfNeeded: sum)
                carry = UInt64(truncatingIfNeeded: sum >> 64)
            }
            result[left &+ count] = carry
        }
    }

    /// `words *= factor`, which has room in them.
    static func multiply(_ words: Words, _ count: Int, by factor: UInt64) {
        var carry: UInt64 = 0
        for index in 0..<count {
            let product = words[index].multipliedFullWidth(by: factor)
            let (sum, overflow) = product.low.addingReportingOverflow(carry)
            words[index] = sum
            carry = product.high &+ (overflow ? 1 : 0)
        }
    }

    /// `words /= divisor`, which is not 0; returns the remainder.
    static func divide(_ words: Words, _ count: Int, by divisor: UInt64) -> UInt64 {
        var remainder: UInt64 = 0
        for index in stride(from: count - 1, through: 0, by: -1) {
            let step = divisor.dividingFullWidth((remainder, words[index]))
            words[index] = step.quotient
            remainder = step.remainder
        }
        return remainder
    }

    /// 64 bits from bit `first` on, which may lie above all words.
    static func bits(_ words: Words, _ count: Int, from first: Int) -> UInt64 {
        let word = first &>> 6
        let shift = UInt64(truncatingIfNeeded: first & 63)
        guard word < count else { return 0 }
        let low = words[word] &>> shift
        guard shift != 0, word &+ 1 < count else { return low }
        return low | words[word &+ 1] &<< (64 &- shift)
    }

    /// Whether a bit below `end` is set.
    static func hasBits(_ words: Words, _ count: Int, below end: Int) -> Bool {
        let word = end &>> 6
        for index in 0..<min(word, count) where words[index] != 0 { return true }
        guard word < count else { return false }
        return words[word] & ((1 &<< UInt64(truncatingIfNeeded: end & 63)) &- 1) != 0
    }
}
