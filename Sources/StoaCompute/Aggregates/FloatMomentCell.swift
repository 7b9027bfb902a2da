internal import StoaBase

/// One group of a `FloatMomentState`: x, hi, lo and the count in units of the first grids; and of
/// the second grids, where the last place holds the position of the long sums and, above it, the
/// specials.
struct FloatMomentCell: FloatCell {
    var first = SIMD4<Int64>()
    var second = SIMD4<Int64>()

    var count: Int64 {
        get { first.w }
        set { first.w = newValue }
    }
    var long: UInt32 {
        get { UInt32(truncatingIfNeeded: second.w) }
        set { second.w = second.w & ~0xFFFF_FFFF | Int64(newValue) }
    }
    var special: FloatSpecials {
        get { FloatSpecials(rawValue: UInt8(truncatingIfNeeded: second.w &>> 32)) }
        set { second.w = second.w & 0xFFFF_FFFF | Int64(newValue.rawValue) &<< 32 }
    }
    var hasIntegers: Bool {
        first.x | first.y | first.z | second.x | second.y | second.z != 0
    }

    mutating func clearIntegers() {
        let integers = SIMDMask<SIMD4<Int64>>([true, true, true, false])
        first.replace(with: 0, where: integers)
        second.replace(with: 0, where: integers)
    }

    mutating func takeIntegers(of other: FloatMomentCell) -> Bool {
        // Halves below 2^61 each add up to less than 2^62.
        guard isSmall, other.isSmall else { return false }
        let integers = SIMDMask<SIMD4<Int64>>([true, true, true, false])
        first.replace(with: first &+ other.first, where: integers)
        second.replace(with: second &+ other.second, where: integers)
        return true
    }

    private var isSmall: Bool {
        let limit = FloatGrid.restLimit / 2
        for index in 0..<3 {
            if first[index].magnitude > limit || second[index].magnitude > limit { return false }
        }
        return true
    }

    func addIntegers(_ grid: FloatGrid, to sums: LongSums) {
        sums.sum.add(total(0), exponent: grid.exponent - FloatGrid.step)
        sums.squares?.add(total(1), exponent: grid.highExponent - FloatGrid.step)
        sums.squares?.add(total(2), exponent: grid.lowExponent - FloatGrid.step)
    }

    private func total(_ index: Int) -> Int128 {
        Int128(first[index]) << Int128(FloatGrid.step) + Int128(second[index])
    }
}

/// What splits a value and its square, as vectors.
struct FloatMomentShifts {
    let first: SIMD4<Double>
    let second: SIMD4<Double>
    let firstBits: SIMD4<Int64>
    let secondBits: SIMD4<Int64>
    let limit: Double

    /// The same for the kernel of many values.
    var kernel: FloatKernels.MomentShifts {
        ((first.x, second.x), (first.y, second.y), (first.z, second.z))
    }

    init(_ grid: FloatGrid) {
        let step = FloatGrid.step
        first = SIMD4(
            grid.firstShift, FloatGrid.shift(grid.highExponent),
            FloatGrid.shift(grid.lowExponent), 0)
        second = SIMD4(
            grid.secondShift, FloatGrid.shift(grid.highExponent - step),
            FloatGrid.shift(grid.lowExponent - step), 0)
        // SAFETY: lanes of the same size.
        var bits = unsafeBitCast(first, to: SIMD4<Int64>.self)
        // 0 less this is 1: the count goes up with the sums.
        bits.w = -1
        firstBits = bits
        // SAFETY: lanes of the same size.
        secondBits = unsafeBitCast(second, to: SIMD4<Int64>.self)
        limit = grid.limit
    }

    /// The integers of one value; false when it does not split.
    @inline(__always)
    func split(
        _ value: Double, _ body: (_ first: SIMD4<Int64>, _ second: SIMD4<Int64>) -> Void
    ) -> Bool {
        let square = value * value
        let numbers = SIMD4(value, square, (-square).addingProduct(value, value), 0)
        let high = numbers + first
        let rest = numbers - (high - first)
        let low = rest + second
        // SAFETY: lanes of the same size.
        let left = unsafeBitCast(rest - (low - second), to: SIMD4<UInt64>.self)
        let pair = left.lowHalf | left.highHalf
        // Twice the bits are zero for 0.0 and for -0.0.
        guard (pair.x | pair.y) &<< 1 == 0, value.magnitude < limit else { return false }
        body(
            // SAFETY: lanes of the same size.
            unsafeBitCast(high, to: SIMD4<Int64>.self) &- firstBits,
            unsafeBitCast(low, to: SIMD4<Int64>.self) &- secondBits)
        return true
    }
}
