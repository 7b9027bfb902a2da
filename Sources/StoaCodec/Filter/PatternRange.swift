internal import StoaModel

/// 64-bit patterns `low ... low + span` modulo 2^64: one test serves signed and unsigned numbers.
struct PatternRange: Equatable {
    var low: UInt64
    var span: UInt64

    @inline(__always)
    func contains(_ pattern: UInt64) -> Bool { pattern &- low <= span }

    /// The numbers n of `base + multiplier × n` that are in a range.
    enum Interval: Equatable {
        case none
        case all
        /// A closed range of numbers.
        case some(UInt64, UInt64)
        /// More than one stretch, because the line passes 2^64: test the patterns themselves.
        case scattered
    }

    /// Which of the numbers 0 … `limit` lead into the range.
    func interval(base: UInt64, multiplier: UInt64, limit: UInt64) -> Interval {
        let offset = base &- low
        let (reach, overflows) = multiplier.multipliedReportingOverflow(by: limit)
        guard !overflows, multiplier > 0 else { return .scattered }
        let isAround = offset.addingReportingOverflow(reach).overflow
        guard isAround else {
            guard offset <= span else { return .none }
            let last = (span - offset) / multiplier
            return last >= limit ? .all : .some(0, last)
        }
        // The first number behind 2^64, and where it comes out.
        let first = ((0 &- offset) - 1) / multiplier + 1
        let start = offset &+ multiplier &* first
        if offset <= span {
            return start <= span ? .scattered : .some(0, (span - offset) / multiplier)
        }
        guard start <= span else { return .none }
        let last = first.addingReportingOverflow((span - start) / multiplier)
        return .some(first, last.overflow ? limit : min(limit, last.partialValue))
    }

    // MARK: From values

    /// The patterns of integers in closed ranges.
    static func integers(
        _ ranges: [ClosedRange<Int128>], isUnsigned: Bool
    ) -> [PatternRange] {
        let domain: ClosedRange<Int128> =
            isUnsigned ? 0...Int128(UInt64.max) : Int128(Int64.min)...Int128(Int64.max)
        return ranges.filter { $0.overlaps(domain) }.map { range in
            let range = range.clamped(to: domain)
            return PatternRange(
                low: UInt64(truncatingIfNeeded: range.lowerBound),
                span: UInt64(truncatingIfNeeded: range.upperBound - range.lowerBound))
        }
    }

    /// The patterns of FLOAT64 whose order keys are in closed ranges.
    static func doubles(_ ranges: [ClosedRange<Int64>]) -> [PatternRange] {
        floats(ranges, signBit: 1 << 63, infinity: 0x7FF0_0000_0000_0000) { $0 }
    }

    /// The patterns of FLOAT32 whose order keys, as of doubles, are in closed ranges.
    static func singles(_ ranges: [ClosedRange<Int64>]) -> [PatternRange] {
        // The greatest single whose double is not above `key`, both of magnitudes.
        floats(ranges, signBit: 1 << 31, infinity: 0x7F80_0000) { key in
            let wanted = Double(bitPattern: key)
            let single = Float(wanted)
            let isAbove = Double(single) > wanted
            return UInt64((isAbove ? single.nextDown : single).bitPattern)
        }
    }

    /// Positive and negative floats and NaN apart; `floor` brings a double's magnitude down to
    /// the format's.
    private static func floats(
        _ ranges: [ClosedRange<Int64>], signBit: UInt64, infinity: UInt64,
        floor: (UInt64) -> UInt64
    ) -> [PatternRange] {
        let infinityKey: Int64 = 0x7FF0_0000_0000_0000
        /// The magnitudes from `least` to `greatest`, as patterns of the format.
        func magnitudes(_ least: Int64, _ greatest: Int64, sign: UInt64) -> PatternRange? {
            guard least <= greatest else { return nil }
            let end = floor(UInt64(bitPattern: greatest))
            let start = least == 0 ? 0 : floor(UInt64(bitPattern: least - 1)) + 1
            return start <= end ? PatternRange(low: sign + start, span: end - start) : nil
        }
        var result: [PatternRange] = []
        for range in ranges {
            let (low, high) = (range.lowerBound, range.upperBound)
            if high >= 0, low <= infinityKey {
                result.append(
                    contentsOf: [magnitudes(max(low, 0), min(high, infinityKey), sign: 0)]
                        .compactMap { $0 })
            }
            // A negative key is its magnitude inverted, and 0 stands for -0.0 too.
            if low <= 0 {
                let greatest = low < 0 ? ~low : 0
                let least = high >= 0 ? 0 : max(1, ~high)
                result.append(
                    contentsOf: [
                        magnitudes(least, min(greatest, infinityKey), sign: signBit)
                    ].compactMap { $0 })
            }
            if range.contains(OrderKey.nan) {
                let span = signBit - infinity - 2
                result.append(PatternRange(low: infinity + 1, span: span))
                result.append(PatternRange(low: signBit + infinity + 1, span: span))
            }
        }
        return result
    }
}
