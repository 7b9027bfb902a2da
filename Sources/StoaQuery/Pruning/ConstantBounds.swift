internal import StoaModel

/// A constant in the units of an integer-backed column: the whole numbers on both sides of it.
/// Beyond 38 digits both are the ends of Int128.
struct ConstantBounds {
    /// The greatest whole number that is not above the constant.
    let floor: Int128
    /// The least whole number that is not below it.
    let ceiling: Int128

    private static let above = ConstantBounds(floor: .max, ceiling: .max)
    private static let below = ConstantBounds(floor: .min, ceiling: .min)

    init(floor: Int128, ceiling: Int128) {
        self.floor = floor
        self.ceiling = ceiling
    }

    /// Nil when the constant does not compare with the type.
    init?(_ value: Literal, type: ColumnType) {
        switch value {
        case .bool(let isTrue) where type == .bool:
            self.init(floor: isTrue ? 1 : 0, ceiling: isTrue ? 1 : 0)
        case .integer, .decimal:
            guard type.isNumeric, let number = ExactNumber(value) else { return nil }
            self = Self.bounds(number, scale: Int(type.scale))
        case .float(let double):
            guard type.isNumeric else { return nil }
            self = Self.bounds(double, scale: Int(type.scale))
        case .date(let days) where type == .date:
            self.init(floor: Int128(days), ceiling: Int128(days))
        case .date(let days) where type == .timestamp:
            let moment = Int128(days) * Int128(CivilTime.microsecondsPerDay)
            self.init(floor: moment, ceiling: moment)
        case .timestamp(let moment) where type == .timestamp:
            self.init(floor: Int128(moment), ceiling: Int128(moment))
        case .timestamp(let moment) where type == .date:
            let (days, rest) = CivilTime.split(microseconds: moment)
            self.init(floor: Int128(days), ceiling: Int128(days) + (rest > 0 ? 1 : 0))
        default: return nil
        }
    }

    private static func bounds(_ number: ExactNumber, scale: Int) -> ConstantBounds {
        if number.scale <= scale {
            guard let value = number.exactly(atScale: scale) else {
                return number.unscaled < 0 ? below : above
            }
            return ConstantBounds(floor: value, ceiling: value)
        }
        let divisor = Int128.powerOfTen(number.scale - scale)
        let (quotient, remainder) = number.unscaled.quotientAndRemainder(dividingBy: divisor)
        return ConstantBounds(
            floor: quotient - (remainder < 0 ? 1 : 0), ceiling: quotient + (remainder > 0 ? 1 : 0))
    }

    /// A NaN is above every number.
    private static func bounds(_ value: Double, scale: Int) -> ConstantBounds {
        if value.isNaN { return above }
        guard let (floor, ceiling) = FloatRounding.neighbours(value, scale: scale) else {
            return value < 0 ? below : above
        }
        return ConstantBounds(floor: floor, ceiling: ceiling)
    }

    /// The whole numbers that compare so with the constant. `slack` is how far a column's value
    /// may lie above what was compared (date_trunc), exclusively.
    func range(_ comparison: ComparisonOperator, slack: Int128 = 1) -> ColumnDomain.Values {
        let room = slack - 1
        switch comparison {
        case .equal:
            return .integers(min: isWhole ? floor : ceiling, max: Self.sum(floor, room))
        case .notEqual: return .all
        case .less: return .integers(min: nil, max: Self.sum(ceiling, room - 1))
        case .lessOrEqual: return .integers(min: nil, max: Self.sum(floor, room))
        case .greater: return .integers(min: Self.sum(floor, 1), max: nil)
        case .greaterOrEqual: return .integers(min: ceiling, max: nil)
        }
    }

    private var isWhole: Bool { floor == ceiling }

    /// A sum that stops at the ends.
    private static func sum(_ left: Int128, _ right: Int128) -> Int128 {
        let (sum, overflowed) = left.addingReportingOverflow(right)
        return overflowed ? (right < 0 ? .min : .max) : sum
    }
}

/// A constant beside a float column: the floats around it, equal when it is a float itself.
struct FloatBounds {
    let low: Double
    let high: Double

    /// Nil when the constant is no number.
    init?(_ value: Literal) {
        if case .float(let double) = value {
            (low, high) = (double, double)
            return
        }
        guard let number = ExactNumber(value) else { return nil }
        let nearest = number.double
        if FloatRounding.exactly(nearest, scale: number.scale) == number.unscaled {
            (low, high) = (nearest, nearest)
        } else {
            (low, high) = (nearest.nextDown, nearest.nextUp)
        }
    }

    func range(_ comparison: ComparisonOperator) -> ColumnDomain.Values {
        switch comparison {
        case .equal: .floats(min: low, max: high)
        case .notEqual: .all
        case .less, .lessOrEqual: .floats(min: nil, max: high)
        case .greater, .greaterOrEqual: .floats(min: low, max: nil)
        }
    }
}
