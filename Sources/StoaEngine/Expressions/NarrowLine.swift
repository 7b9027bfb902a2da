internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Numbers of a vector as `base + multiplier × n` with n in a narrow lane, where that holds
/// without going around 2^64: sums of the values then follow from sums of the numbers.
struct NarrowLine {
    let numbers: Vector.Integers
    let base: Int128
    let multiplier: Int128
    /// No number n is greater.
    let limit: Int128

    init?(_ numbers: Vector.Integers, bounds: ClosedRange<Int128>?, type: ColumnType) {
        guard LaneSums.isNarrow(numbers.lane), numbers.multiplier > 0 else { return nil }
        self.numbers = numbers
        base = Int128(numbers.base)
        multiplier = Int128(numbers.multiplier)
        var limit = (Int128(1) << (numbers.lane.byteCount * 8)) - 1
        // Where even the lane's greatest number stays below, nothing goes around.
        guard base + multiplier * limit <= Int128(Int64.max), !type.isUnsigned64 || base >= 0
        else { return nil }
        if let bounds, bounds.upperBound >= base {
            limit = min(limit, (bounds.upperBound - base) / multiplier)
        }
        self.limit = limit
    }

    /// The sum of `count` values whose numbers have the sum `total`.
    func sum(of total: UInt64, count: Int) -> Int128 {
        base * Int128(count) + multiplier * Int128(total)
    }
}
