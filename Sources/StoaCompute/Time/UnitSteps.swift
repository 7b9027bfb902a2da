/// Numbers of equal steps from an origin, by a multiplication instead of a division per row.
@usableFromInline
package struct UnitSteps: Sendable {
    /// The least value of step 0.
    @usableFromInline package let origin: Int64
    /// The length of a step, at least 1.
    package let step: Int64
    @usableFromInline let factor: UInt64
    @usableFromInline let shift: UInt64

    package init(origin: Int64, step: Int64) {
        self.origin = origin
        self.step = max(1, step)
        // With l bits in step - 1, factor = ⌈2^(63 + l) / step⌉ is below 2^64 and its error below
        // 2^l, so that ⌊distance × factor / 2^(63 + l)⌋ is exact for distances below 2^63.
        let bitCount = UInt64(Int64.bitWidth - (self.step - 1).leadingZeroBitCount)
        let divisor = UInt64(self.step)
        if bitCount == 0 {
            (factor, shift) = (0, 0)
        } else {
            let high: UInt64 = 1 << (bitCount - 1)
            let (quotient, rest) = divisor.dividingFullWidth((high, 0))
            factor = quotient + (rest == 0 ? 0 : 1)
            shift = bitCount - 1
        }
    }

    /// The step of a value at or above the origin.
    @inlinable
    package func index(_ value: Int64) -> UInt64 {
        let distance = UInt64(bitPattern: value &- origin)
        if factor == 0 { return distance }
        return distance.multipliedFullWidth(by: factor).high &>> shift
    }

    /// The first value of a step.
    package func start(_ index: Int) -> Int64 { origin &+ Int64(index) &* step }
}
