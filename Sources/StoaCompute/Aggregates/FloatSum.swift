/// The exact sum of one group's doubles.
///
/// Sums of values of like size live in a window of 128 bits whose lowest bit is chosen by the
/// first value; what does not fit there goes to the group's `ExactAccumulator`, kept aside in a
/// `FloatSumPool` because few groups need one. NaN and infinities are counted apart.
package struct FloatSum {
    /// The window's number, in units of 2^(bit - 1074).
    private var window: Int128 = 0
    /// The window's lowest bit; negative: no window yet.
    private var bit: Int32 = -1
    /// The accumulator's position in the pool, plus 1.
    private var accumulator: UInt32 = 0
    private var flags: UInt8 = 0

    private static let nan: UInt8 = 1
    private static let positiveInfinity: UInt8 = 2
    private static let negativeInfinity: UInt8 = 4
    /// Bits between the first value's lowest bit and the window's: room for smaller values.
    private static let room: Int32 = 40

    package init() {}

    /// Adds a value.
    @inline(__always)
    package mutating func add(_ value: Double, pool: FloatSumPool) {
        let pattern = value.bitPattern
        let exponent = Int32(truncatingIfNeeded: pattern &>> 52) & 0x7FF
        if exponent == 0x7FF { return addSpecial(value) }
        // The value is ± mantissa × 2^(place - 1074).
        let place = exponent == 0 ? 0 : exponent &- 1
        let fraction = pattern & 0x000F_FFFF_FFFF_FFFF
        let mantissa = Int64(bitPattern: exponent == 0 ? fraction : fraction | 1 &<< 52)
        if mantissa == 0 { return }
        if bit < 0 { bit = max(0, place &- Self.room) }
        let shift = place &- bit
        // 53 bits shifted by up to 72 leave the window a bit for the sum and one for the sign.
        guard shift >= 0, shift <= 72 else {
            let signed = Int128(value < 0 ? -mantissa : mantissa)
            return pool.add(signed, atBit: Int(place), &accumulator)
        }
        let term = Int128(value < 0 ? 0 &- mantissa : mantissa) &<< Int128(shift)
        let (sum, overflow) = window.addingReportingOverflow(term)
        if overflow {
            spill(pool)
            window = term
        } else {
            window = sum
        }
    }

    private mutating func addSpecial(_ value: Double) {
        if value.isNaN {
            flags |= Self.nan
        } else {
            flags |= value > 0 ? Self.positiveInfinity : Self.negativeInfinity
        }
    }

    private mutating func spill(_ pool: FloatSumPool) {
        pool.add(window, atBit: Int(bit), &accumulator)
        window = 0
    }

    /// Adds another group's sum, whose accumulator is in `otherPool`.
    package mutating func merge(
        _ other: FloatSum, from otherPool: FloatSumPool, pool: FloatSumPool
    ) {
        flags |= other.flags
        if other.window != 0 {
            let (sum, overflow) = window.addingReportingOverflow(other.window)
            if bit == other.bit, !overflow {
                window = sum
            } else if bit < 0 {
                bit = other.bit
                window = other.window
            } else {
                pool.add(other.window, atBit: Int(other.bit), &accumulator)
            }
        }
        if let large = otherPool.accumulator(other.accumulator) { pool.add(large, &accumulator) }
    }

    /// The sum divided by `divisor`, rounded once.
    package func rounded(dividedBy divisor: UInt64 = 1, pool: FloatSumPool) -> Double {
        if flags & Self.nan != 0 || flags & 6 == 6 { return .nan }
        if flags & Self.positiveInfinity != 0 { return .infinity }
        if flags & Self.negativeInfinity != 0 { return -.infinity }
        var total = pool.accumulator(accumulator) ?? ExactAccumulator()
        if window != 0 { total.add(window, atBit: Int(bit)) }
        return total.rounded(dividedBy: divisor)
    }
}

/// The long accumulators of those groups whose values differ much in size.
package final class FloatSumPool {
    private var accumulators: [ExactAccumulator] = []

    package init() {}

    /// Bytes held, for the query's budget.
    package var byteCount: Int { accumulators.count * (ExactAccumulator.wordCount * 8 + 48) }

    func add(_ mantissa: Int128, atBit bit: Int, _ index: inout UInt32) {
        makeIfNeeded(&index)
        accumulators[Int(index) - 1].add(mantissa, atBit: bit)
    }

    func add(_ other: ExactAccumulator, _ index: inout UInt32) {
        makeIfNeeded(&index)
        accumulators[Int(index) - 1].add(other)
    }

    private func makeIfNeeded(_ index: inout UInt32) {
        guard index == 0 else { return }
        accumulators.append(ExactAccumulator())
        index = UInt32(accumulators.count)
    }

    func accumulator(_ index: UInt32) -> ExactAccumulator? {
        index == 0 ? nil : accumulators[Int(index) - 1]
    }
}
