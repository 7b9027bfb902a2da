internal import StoaBase

/// Two fixed-point grids, on which almost all values of a column split into integers.
///
/// `(x + m) - m` with `m = 1.25 × 2^(k+52)` is x rounded to a multiple of 2^k, and `x` less that is
/// exact; the bits of `x + m` less those of `m` are the multiple as an integer. A value below
/// 2^(k+50) gives a first integer below 2^50 and a rest below 2^(k-1), which the second grid, 51
/// bits finer, splits the same way. A value whose second rest is not zero has bits below both
/// grids and goes to a `LongSum`, as do those that are too large, infinite or not a number.
///
/// A square is `hi + lo`, exactly: `hi = x·x` rounded and `lo = fma(x, x, -hi)`, each with two
/// grids of its own. A value that both grids of x represent is a multiple of 2^-480 here, so that
/// `lo` cannot underflow.
///
/// Source: Rump, Ogita, Oishi, "Accurate floating-point summation" (2008); Demmel, Nguyen, "Fast
/// reproducible floating-point summation" (2013).
struct FloatGrid: Equatable {
    /// The exponent k of the first grid's unit.
    let exponent: Int
    /// Values below this magnitude, 2^(k+50), have a first integer.
    let limit: Double
    let firstShift: Double
    let secondShift: Double

    /// Bits between the units of the two grids.
    static let step = 51
    /// Values added to a number of 64 bits before it must go to a `LongSum`: with a run and a batch
    /// more, which are not looked at before they are added, and with what a merge leaves,
    /// (1,023 + 1,024 + 4,096) × 2^50 + 2^61 < 2^63.
    static let flushInterval: Int64 = 1_024
    /// What a merge may leave in a number of 64 bits.
    static let restLimit = UInt64(1) << 61
    /// Exponents of the largest value below the limit; within them neither a shift nor a square
    /// overflows, and no result is subnormal before its own rounding.
    private static let exponents = -370...480

    /// The grids for values below 2^(`topExponent` + 1).
    init(topExponent: Int) {
        let top = min(max(topExponent, Self.exponents.lowerBound), Self.exponents.upperBound)
        exponent = top - 49
        limit = Self.power(top + 1)
        firstShift = Self.shift(exponent)
        secondShift = Self.shift(exponent - Self.step)
    }

    /// The exponents of the units of `hi`'s and `lo`'s first grids.
    var highExponent: Int { 2 * exponent + 50 }
    var lowExponent: Int { 2 * exponent - 4 }

    /// What is added to a unit's multiples: 1.25 × 2^(exponent + 52).
    static func shift(_ exponent: Int) -> Double { 1.25 * power(exponent + 52) }

    private static func power(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }

    /// Whether the value splits without a rest.
    @inline(__always)
    func splits(_ value: Double) -> Bool {
        let rest = value - ((value + firstShift) - firstShift)
        return value.magnitude < limit && rest == (rest + secondShift) - secondShift
    }

    /// The grids that fit most values of a batch, with as much room above the largest as below
    /// the smallest; nil without values other than zero.
    ///
    /// - Parameter span: Binary orders of magnitude that fit whole: 48 of values, 22 of squares.
    static func fitting(
        _ values: UnsafePointer<Double>, rows: (Int) -> Int, count: Int, span: Int
    ) -> FloatGrid? {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2_048) { counts -> FloatGrid? in
            counts.initialize(repeating: 0)
            for index in 0..<count {
                let value = values[rows(index)]
                guard value != 0 else { continue }
                counts[Int(truncatingIfNeeded: value.bitPattern &>> 52) & 0x7FF] += 1
            }
            var (best, bestEnd, inside): (Int32, Int, Int32) = (0, 0, 0)
            // Infinities and NaN have the last exponent and do not count.
            for end in 0..<2_047 {
                inside += counts[end]
                if end >= span { inside -= counts[end - span] }
                if inside > best { (best, bestEnd) = (inside, end) }
            }
            guard best > 0 else { return nil }
            var first = max(0, bestEnd - span + 1)
            while counts[first] == 0 { first += 1 }
            let room = (span - 1 - (bestEnd - first)) / 2
            return FloatGrid(topExponent: bestEnd - 1_023 + room)
        }
    }
}

/// The grids of one aggregate for all its workers: whoever needs them first chooses, so that the
/// states merge without a detour. Which they are changes no result.
package final class FloatGridChoice: @unchecked Sendable {
    // SAFETY: the choice is touched only while the lock is held.
    private let lock = Lock()
    private var chosen: FloatGrid?

    package init() {}

    func first(_ choose: () -> FloatGrid?) -> FloatGrid? {
        lock.withLock {
            if chosen == nil { chosen = choose() }
            return chosen
        }
    }
}
