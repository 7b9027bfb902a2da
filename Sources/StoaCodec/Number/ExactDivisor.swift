internal import StoaBase

/// Division of multiples of a known number, by multiplication: for odd d, x / d is x times the
/// inverse of d modulo 2^64, and x is a multiple of d when that product is small enough.
struct ExactDivisor {
    let value: UInt64
    private let shift: UInt64
    private let inverse: UInt64
    private let largestQuotient: UInt64

    init(_ value: UInt64) {
        invariant(value > 0, "nothing is divided by zero")
        self.value = value
        shift = UInt64(value.trailingZeroBitCount)
        let odd = value >> shift
        // Newton's iteration doubles the correct bits, from five.
        var inverse = (odd &* 3) ^ 2
        for _ in 0..<4 { inverse = inverse &* (2 &- odd &* inverse) }
        self.inverse = inverse
        largestQuotient = UInt64.max / value
    }

    /// `multiple / value`.
    @inline(__always)
    func quotient(_ multiple: UInt64) -> UInt64 { (multiple &>> shift) &* inverse }

    /// Whether `number` is a multiple of the value.
    @inline(__always)
    func divides(_ number: UInt64) -> Bool {
        let product = number &* inverse
        let rotated = (product &>> shift) | (product &<< ((64 &- shift) & 63))
        return (shift == 0 ? product : rotated) <= largestQuotient
    }

    /// `(values[i] - start) / value` for multiples.
    func divide(
        _ values: UnsafePointer<UInt64>, count: Int, subtracting start: UInt64,
        into target: UnsafeMutablePointer<UInt64>
    ) {
        if value == 1 {
            for row in 0..<count { target[row] = values[row] &- start }
        } else {
            for row in 0..<count {
                target[row] = ((values[row] &- start) &>> shift) &* inverse
            }
        }
    }

    /// The greatest number that divides all distances from the least value.
    static func common(_ input: NumberInput, _ profile: NumberProfile) -> ExactDivisor {
        let base = profile.min
        var divisor = ExactDivisor(max(1, profile.max &- base))
        if divisor.value == 1 { return divisor }
        for row in 0..<input.rowCount {
            let distance = input.values[row] &- base
            if divisor.divides(distance) { continue }
            divisor = ExactDivisor(greatestCommonDivisor(divisor.value, distance))
            if divisor.value == 1 { break }
        }
        return divisor
    }

    private static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var larger = first, smaller = second
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
