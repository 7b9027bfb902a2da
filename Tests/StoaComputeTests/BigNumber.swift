/// An integer of any size, as slow and plain as on paper: what exact sums are compared with.
struct BigNumber: Comparable {
    private var isNegative = false
    /// Base 2^32, the lowest first, without zeros at the end.
    private var digits: [UInt32] = []

    init(_ value: Int128) {
        isNegative = value < 0
        var rest = value.magnitude
        while rest != 0 {
            digits.append(UInt32(truncatingIfNeeded: rest))
            rest >>= 32
        }
    }

    /// A finite double in units of 2^-1100.
    init(double value: Double) {
        let exponent = value.isNormal ? Int(value.exponent) - 52 : -1_074
        let mantissa = value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)
        self = BigNumber(Int128(mantissa)) << (exponent + 1_100)
        isNegative = value < 0
    }

    var magnitude: BigNumber {
        var result = self
        result.isNegative = false
        return result
    }

    static func << (left: BigNumber, count: Int) -> BigNumber {
        var result = left
        for _ in 0..<(count % 32) { result = result + result }
        if !result.digits.isEmpty {
            result.digits.insert(contentsOf: [UInt32](repeating: 0, count: count / 32), at: 0)
        }
        return result
    }

    private static func sum(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(left.count, right.count) {
            carry += UInt64(index < left.count ? left[index] : 0)
            carry += UInt64(index < right.count ? right[index] : 0)
            result.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        if carry != 0 { result.append(UInt32(carry)) }
        return result
    }

    private static func difference(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var result = left
        var borrow: Int64 = 0
        for index in result.indices {
            borrow += Int64(result[index]) - Int64(index < right.count ? right[index] : 0)
            result[index] = UInt32(truncatingIfNeeded: borrow)
            borrow >>= 32
        }
        while result.last == 0 { result.removeLast() }
        return result
    }

    private static func isLess(_ left: [UInt32], _ right: [UInt32]) -> Bool {
        if left.count != right.count { return left.count < right.count }
        for index in left.indices.reversed() where left[index] != right[index] {
            return left[index] < right[index]
        }
        return false
    }

    static func < (left: BigNumber, right: BigNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative && left != right }
        return left.isNegative
            ? isLess(right.digits, left.digits) : isLess(left.digits, right.digits)
    }

    static func == (left: BigNumber, right: BigNumber) -> Bool {
        left.digits == right.digits
            && (left.isNegative == right.isNegative || left.digits.isEmpty)
    }

    static func + (left: BigNumber, right: BigNumber) -> BigNumber {
        var result = left
        if left.isNegative == right.isNegative {
            result.digits = sum(left.digits, right.digits)
        } else if isLess(left.digits, right.digits) {
            result.digits = difference(right.digits, left.digits)
            result.isNegative = right.isNegative
        } else {
            result.digits = difference(left.digits, right.digits)
        }
        return result
    }

    static func - (left: BigNumber, right: BigNumber) -> BigNumber {
        var negated = right
        negated.isNegative.toggle()
        return left + negated
    }

    static func * (left: BigNumber, right: BigNumber) -> BigNumber {
        var result = [UInt32](repeating: 0, count: left.digits.count + right.digits.count)
        for (first, digit) in left.digits.enumerated() {
            var carry: UInt64 = 0
            for (second, other) in right.digits.enumerated() {
                carry += UInt64(digit) * UInt64(other) + UInt64(result[first + second])
                result[first + second] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            result[first + right.digits.count] = UInt32(carry)
        }
        while result.last == 0 { result.removeLast() }
        var product = BigNumber(0)
        product.digits = result
        product.isNegative = left.isNegative != right.isNegative
        return product
    }
}

/// Exact moments of doubles, and what their nearest doubles must satisfy.
struct SlowMoments {
    private var sum = BigNumber(0)
    private var squares = BigNumber(0)
    private var count: Int128 = 0

    init(_ values: [Double]) {
        for value in values {
            let number = BigNumber(double: value)
            sum = sum + number
            squares = squares + number * number
        }
        count = Int128(values.count)
    }

    /// Whether `value` is the nearest double to the sum divided by `divisor`.
    func isSum(_ value: Double, dividedBy divisor: Int128 = 1) -> Bool {
        func error(_ value: Double) -> BigNumber {
            (BigNumber(double: value) * BigNumber(divisor) - sum).magnitude
        }
        return Self.isNearest(value, error)
    }

    /// Whether `value` is the nearest double to the variance.
    func isVariance(_ value: Double, isSample: Bool) -> Bool {
        let (numerator, denominator) = variance(isSample)
        func error(_ value: Double) -> BigNumber {
            ((BigNumber(double: value) << 1_100) * denominator - numerator).magnitude
        }
        return Self.isNearest(value, error)
    }

    /// Whether `value` is the nearest double to the deviation: the variance lies between the
    /// squares of the points half way to its neighbours.
    func isDeviation(_ value: Double, isSample: Bool) -> Bool {
        let (numerator, denominator) = variance(isSample)
        func square(_ neighbour: Double) -> BigNumber {
            let middle = BigNumber(double: value) + BigNumber(double: neighbour)
            return middle * middle * denominator
        }
        let four = numerator << 2
        return (value == 0 || !(four < square(value.nextDown)))
            && !(square(value.nextUp) < four)
    }

    /// In units of 2^-2200.
    private func variance(_ isSample: Bool) -> (numerator: BigNumber, denominator: BigNumber) {
        (
            BigNumber(count) * squares - sum * sum,
            BigNumber(count * (isSample ? count - 1 : count))
        )
    }

    private static func isNearest(_ value: Double, _ error: (Double) -> BigNumber) -> Bool {
        guard value.isFinite else { return false }
        let own = error(value)
        for neighbour in [value.nextUp, value.nextDown] where neighbour.isFinite {
            let other = error(neighbour)
            if other < own { return false }
            // Half way between two doubles the even one is nearest.
            if other == own, value.significandBitPattern & 1 == 1 { return false }
        }
        return true
    }
}
