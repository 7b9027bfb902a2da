internal import StoaModel

/// Comparisons that are mathematically exact, whatever the types of the two sides.
package enum ExactCompare {
    /// The order of `left × leftFactor` and `right × rightFactor`, of which one factor is 1:
    /// negative, 0 or positive.
    @inline(__always)
    package static func order(
        _ left: Int128, _ leftFactor: Int128, _ right: Int128, _ rightFactor: Int128
    ) -> Int {
        let (scaledLeft, leftOverflow) = left.multipliedReportingOverflow(by: leftFactor)
        // What no longer fits is larger in magnitude than anything that does.
        if leftOverflow { return left < 0 ? -1 : 1 }
        let (scaledRight, rightOverflow) = right.multipliedReportingOverflow(by: rightFactor)
        if rightOverflow { return right < 0 ? 1 : -1 }
        return scaledLeft < scaledRight ? -1 : scaledLeft == scaledRight ? 0 : 1
    }

    /// The order of `left × 10^-scale` and a float: negative, 0 or positive. NaN is above
    /// everything.
    package static func order(_ left: Int128, scale: Int, float right: Double) -> Int {
        let floor = ScaledFloor(right, scale: scale)
        switch floor.place {
        case .above: return -1
        case .below: return 1
        case .within:
            if left != floor.value { return left < floor.value ? -1 : 1 }
            return floor.isExact ? 0 : -1
        }
    }

    /// The integers `v` for which `v × 10^-scale` stands in the relation to a float; nil: none.
    /// For `.notEqual` it is the range that is left out.
    package static func range(
        _ relation: Relation, _ float: Double, scale: Int
    ) -> ClosedRange<Int128>? {
        let floor = ScaledFloor(float, scale: scale)
        switch (floor.place, relation) {
        case (.above, .less), (.above, .lessOrEqual), (.below, .greater),
            (.below, .greaterOrEqual):
            return .min ... .max
        case (.above, _), (.below, _): return nil
        case (.within, .equal), (.within, .notEqual):
            return floor.isExact ? floor.value...floor.value : nil
        case (.within, .lessOrEqual): return .min...floor.value
        case (.within, .greater): return (floor.value + 1)...(.max)
        case (.within, .less):
            return .min...(floor.isExact ? floor.value - 1 : floor.value)
        case (.within, .greaterOrEqual):
            return (floor.isExact ? floor.value : floor.value + 1)...(.max)
        }
    }

    /// The integers `v` for which `v × 10^-scale` stands in the relation to
    /// `constant × 10^-constantScale`; nil: none. For `.notEqual` it is the range left out.
    package static func range(
        _ relation: Relation, _ constant: Int128, constantScale: Int, scale: Int
    ) -> ClosedRange<Int128>? {
        var floor = constant
        var isExact = true
        if constantScale > scale {
            let divisor = Int128.powerOfTen(constantScale - scale)
            let (quotient, remainder) = constant.quotientAndRemainder(dividingBy: divisor)
            isExact = remainder == 0
            floor = remainder < 0 ? quotient - 1 : quotient
        } else if scale > constantScale {
            let (product, overflow) = constant.multipliedReportingOverflow(
                by: .powerOfTen(scale - constantScale))
            if overflow {
                let isAbove = constant > 0
                let matches: [Relation] =
                    isAbove ? [.less, .lessOrEqual] : [.greater, .greaterOrEqual]
                return matches.contains(relation) ? .min ... .max : nil
            }
            floor = product
        }
        return range(relation, floor: floor, isExact: isExact)
    }

    private static func range(
        _ relation: Relation, floor: Int128, isExact: Bool
    ) -> ClosedRange<Int128>? {
        switch relation {
        case .equal, .notEqual: return isExact ? floor...floor : nil
        case .lessOrEqual: return .min...floor
        case .greater: return floor == .max ? nil : (floor + 1)...(.max)
        case .less:
            guard isExact else { return .min...floor }
            return floor == .min ? nil : .min...(floor - 1)
        case .greaterOrEqual:
            guard !isExact else { return floor...(.max) }
            return floor == .max ? nil : (floor + 1)...(.max)
        }
    }
}

/// The largest integer that is not above `float × 10^scale`, exactly.
package struct ScaledFloor: Equatable, Sendable {
    /// Where the product lies.
    package enum Place: Sendable {
        /// Beyond ±10^38, or infinite; NaN is above.
        case below, within, above
    }

    package private(set) var place = Place.within
    package private(set) var value: Int128 = 0
    /// Whether `value` is the product itself.
    package private(set) var isExact = true

    package init(_ float: Double, scale: Int) {
        guard float.isFinite else {
            place = float == -.infinity ? .below : .above
            return
        }
        guard float != 0 else { return }
        // |float| = mantissa × 2^exponent; the product of mantissa and 10^scale has ≤ 180 bits.
        let mantissa = UInt128(float.significandBitPattern | (float.isNormal ? 1 << 52 : 0))
        let exponent = (float.isNormal ? Int(float.exponent) : -1_022) - 52
        let product = mantissa.multipliedFullWidth(by: UInt128(Int128.powerOfTen(scale)))
        let isNegative = float < 0
        guard let magnitude = Self.shift(product, by: exponent) else {
            place = isNegative ? .below : .above
            return
        }
        isExact = magnitude.isExact
        let limit = UInt128(Int128.powerOfTen(38))
        guard magnitude.value <= limit else {
            place = isNegative ? .below : .above
            return
        }
        let whole = Int128(magnitude.value)
        value = isNegative ? (isExact ? -whole : -whole - 1) : whole
    }

    /// `product × 2^exponent` rounded down; nil when it has more than 128 bits.
    private static func shift(
        _ product: (high: UInt128, low: UInt128), by exponent: Int
    ) -> (value: UInt128, isExact: Bool)? {
        let (high, low) = product
        if exponent >= 0 {
            guard high == 0, low.leadingZeroBitCount >= exponent else { return nil }
            return (low << UInt128(exponent), true)
        }
        let distance = -exponent
        if distance >= 256 { return (0, false) }
        if distance >= 128 {
            let rest = distance - 128
            let kept = high >> UInt128(rest)
            return (kept, low == 0 && kept << UInt128(rest) == high)
        }
        guard high >> UInt128(distance) == 0 else { return nil }
        let kept = (high << UInt128(128 - distance)) | (low >> UInt128(distance))
        let lost = low & ((UInt128(1) << UInt128(distance)) - 1)
        return (kept, lost == 0)
    }
}
