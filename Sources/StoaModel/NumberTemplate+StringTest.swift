/// Strings of one template order like their numbers, so a test of strings is a range of numbers.
extension NumberTemplate {
    /// The numbers whose strings pass; nil when none does.
    package func numbers(passing test: StringTest) -> ClosedRange<UInt64>? {
        switch test {
        case .equal(let value): return numbers(from: value, through: value)
        case .range(let min, let max): return numbers(from: min, through: max)
        case .prefix(let value):
            let common = Swift.min(value.count, prefix.count)
            guard value[..<common] == prefix[..<common] else { return nil }
            let digits = value[common...]
            guard digits.count <= digitCount, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
            else { return nil }
            let first = digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
            let power = Self.powers[digitCount - digits.count]
            return first * power...(first + 1) * power - 1
        }
    }

    private func numbers(from min: [UInt8]?, through max: [UInt8]?) -> ClosedRange<UInt64>? {
        let low = min.map { firstNumber(notBelow: $0, isEqualBelow: false) } ?? 0
        let end = max.map { firstNumber(notBelow: $0, isEqualBelow: true) } ?? numberLimit
        return low < end ? low...end - 1 : nil
    }

    /// The first number whose string does not stand before `bound`, or, when `isEqualBelow`,
    /// stands behind it; `numberLimit` when there is none.
    private func firstNumber(notBelow bound: [UInt8], isEqualBelow: Bool) -> UInt64 {
        let common = Swift.min(bound.count, prefix.count)
        if bound[..<common] != prefix[..<common] {
            return bound[..<common].lexicographicallyPrecedes(prefix[..<common]) ? 0 : numberLimit
        }
        // Every string is longer than the prefix, so it stands behind what ends inside it.
        guard bound.count > prefix.count else { return 0 }
        let digits = bound[prefix.count...].prefix(digitCount)
        var number: UInt64 = 0
        for (index, byte) in digits.enumerated() {
            let power = Self.powers[digitCount - index]
            if byte < 0x30 { return number * power }
            if byte > 0x39 { return (number + 1) * power }
            number = number * 10 + UInt64(byte - 0x30)
        }
        let isLonger = bound.count > byteCount
        let isSame = bound.count == byteCount
        let first = number * Self.powers[digitCount - digits.count]
        return isLonger || (isSame && isEqualBelow) ? first + 1 : first
    }
}
