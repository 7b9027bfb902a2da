package import StoaModel

/// The relation that a comparison asks for.
package enum Relation: UInt8, CaseIterable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    /// Whether it holds between two values of which the first is less, equal or greater.
    @inline(__always)
    package func holds(isLess: Bool, isEqual: Bool) -> Bool {
        switch self {
        case .equal: isEqual
        case .notEqual: !isEqual
        case .less: isLess
        case .lessOrEqual: isLess || isEqual
        case .greater: !(isLess || isEqual)
        case .greaterOrEqual: !isLess
        }
    }
}

/// Comparisons of whole batches into bit masks.
package enum CompareKernels {
    /// Rows whose integer lies in `low ... high`, on the lane it comes in. Values and ends are of
    /// one signedness; patterns of UINT64 count as unsigned.
    package static func inRange(
        _ source: Vector.Integers, _ range: ClosedRange<Int128>, isUnsigned: Bool, rowCount: Int,
        into mask: UnsafeMutablePointer<UInt64>
    ) {
        let domain: ClosedRange<Int128> =
            isUnsigned ? 0...Int128(UInt64.max) : Int128(Int64.min)...Int128(Int64.max)
        guard range.overlaps(domain) else { return MaskWords.clear(mask, rowCount: rowCount) }
        let range = range.clamped(to: domain)
        let base = isUnsigned ? Int128(UInt64(bitPattern: source.base)) : Int128(source.base)
        let laneLimit =
            source.lane == .constant
            ? 0 : (Int128(1) << (source.lane.byteCount * 8)) - 1
        // A line that leaves the domain comes round again: small UINT64 beside the largest.
        guard source.lane != .u64, source.multiplier == 1 || source.lane == .constant,
            base + laneLimit <= domain.upperBound
        else { return inRangeWide(source, range, rowCount, mask) }
        let low = max(0, range.lowerBound - base)
        let high = min(laneLimit, range.upperBound - base)
        guard low <= high else { return MaskWords.clear(mask, rowCount: rowCount) }
        guard low > 0 || high < laneLimit else { return MaskWords.fill(mask, rowCount: rowCount) }
        switch source.lane {
        case .u8: inRange(source.values, UInt8(low)...UInt8(high), rowCount, mask)
        case .u16: inRange(source.values, UInt16(low)...UInt16(high), rowCount, mask)
        default: inRange(source.values, UInt32(low)...UInt32(high), rowCount, mask)
        }
    }

    @inline(__always)
    private static func inRange<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _ range: ClosedRange<T>, _ rowCount: Int,
        _ mask: UnsafeMutablePointer<UInt64>
    ) {
        let numbers = values.assumingMemoryBound(to: T.self)
        let low = range.lowerBound
        let span = range.upperBound &- low
        MaskWords.build(rowCount: rowCount, into: mask) { numbers[$0] &- low <= span }
    }

    private static func inRangeWide(
        _ source: Vector.Integers, _ range: ClosedRange<Int128>, _ rowCount: Int,
        _ mask: UnsafeMutablePointer<UInt64>
    ) {
        // Modulo 2^64 the same test serves signed and unsigned patterns.
        let low = UInt64(truncatingIfNeeded: range.lowerBound)
        let span = UInt64(truncatingIfNeeded: range.upperBound) &- low
        let offset = UInt64(bitPattern: source.base) &- low
        let multiplier = UInt64(bitPattern: source.multiplier)
        switch source.lane {
        case .u8: inLine(source.values, UInt8.self, (offset, multiplier, span), rowCount, mask)
        case .u16: inLine(source.values, UInt16.self, (offset, multiplier, span), rowCount, mask)
        case .u32: inLine(source.values, UInt32.self, (offset, multiplier, span), rowCount, mask)
        default: inLine(source.values, UInt64.self, (offset, multiplier, span), rowCount, mask)
        }
    }

    @inline(__always)
    private static func inLine<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _ lane: T.Type,
        _ test: (offset: UInt64, multiplier: UInt64, span: UInt64), _ rowCount: Int,
        _ mask: UnsafeMutablePointer<UInt64>
    ) {
        let numbers = values.assumingMemoryBound(to: T.self)
        let (offset, multiplier, span) = test
        MaskWords.build(rowCount: rowCount, into: mask) { row in
            offset &+ multiplier &* UInt64(truncatingIfNeeded: numbers[row]) <= span
        }
    }

    /// Rows in which two signed numbers stand in the relation.
    package static func compare(
        _ left: UnsafePointer<Int64>, _ relation: Relation, _ right: UnsafePointer<Int64>,
        rowCount: Int, into mask: UnsafeMutablePointer<UInt64>
    ) {
        switch relation {
        case .equal: MaskWords.build(rowCount: rowCount, into: mask) { left[$0] == right[$0] }
        case .notEqual: MaskWords.build(rowCount: rowCount, into: mask) { left[$0] != right[$0] }
        case .less: MaskWords.build(rowCount: rowCount, into: mask) { left[$0] < right[$0] }
        case .lessOrEqual:
            MaskWords.build(rowCount: rowCount, into: mask) { left[$0] <= right[$0] }
        case .greater: MaskWords.build(rowCount: rowCount, into: mask) { left[$0] > right[$0] }
        case .greaterOrEqual:
            MaskWords.build(rowCount: rowCount, into: mask) { left[$0] >= right[$0] }
        }
    }

    /// Rows in which `left × 10^leftShift` and `right × 10^rightShift` stand in the relation; one
    /// of the shifts is 0.
    package static func compareWide(
        _ left: (values: UnsafePointer<Int128>, shift: Int), _ relation: Relation,
        _ right: (values: UnsafePointer<Int128>, shift: Int), rowCount: Int,
        into mask: UnsafeMutablePointer<UInt64>
    ) {
        let leftFactor = Int128.powerOfTen(left.shift)
        let rightFactor = Int128.powerOfTen(right.shift)
        let (leftValues, rightValues) = (left.values, right.values)
        MaskWords.build(rowCount: rowCount, into: mask) { row in
            let order = ExactCompare.order(
                leftValues[row], leftFactor, rightValues[row], rightFactor)
            return relation.holds(isLess: order < 0, isEqual: order == 0)
        }
    }

    /// Rows in which the exact decimal `left × 10^-scale` and a float stand in the relation.
    package static func compareWide(
        _ left: (values: UnsafePointer<Int128>, scale: Int), _ relation: Relation,
        float right: UnsafePointer<Double>, rowCount: Int,
        into mask: UnsafeMutablePointer<UInt64>
    ) {
        let (values, scale) = left
        MaskWords.build(rowCount: rowCount, into: mask) { row in
            let order = ExactCompare.order(values[row], scale: scale, float: right[row])
            return relation.holds(isLess: order < 0, isEqual: order == 0)
        }
    }
}
