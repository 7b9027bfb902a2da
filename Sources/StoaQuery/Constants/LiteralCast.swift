package import StoaModel

/// Converts single constants between types: CAST in the binder and in slow paths, and the
/// stricter conversion of INSERT. One implementation, so that both agree.
package enum LiteralCast {
    /// CAST by the rules of `CastRules`. NULL stays NULL.
    package static func cast(
        _ literal: Literal, from source: ColumnType, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        guard CastRules.isAllowed(from: source, to: target) else { throw .notAllowed }
        switch literal {
        case .null: return .null
        case .bool(let value): return try castBool(value, to: target)
        case .integer, .decimal:
            guard let number = ExactNumber(literal) else { throw .notAllowed }
            return try castNumber(number, to: target)
        case .float(let value): return try castFloat(value, from: source, to: target)
        case .date(let days): return try castDate(days, to: target)
        case .timestamp(let moment): return try castTimestamp(moment, to: target)
        case .string(let text): return try castText(text, to: target)
        }
    }

    /// What INSERT does: like CAST, but no digit other than zero is lost, and only BOOL and text
    /// become BOOL.
    package static func assign(
        _ literal: Literal, from source: ColumnType, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        if case .null = literal { return .null }
        guard (source == .bool) == (target == .bool) || source == .string || target == .string
        else { throw .notAllowed }
        if case .string(let text) = literal, target.isInteger || target.isDecimal {
            guard let number = exactNumber(text) else { throw .invalidText }
            return try assignNumber(number, to: target)
        }
        if target.isInteger || target.isDecimal {
            if case .float(let value) = literal {
                guard value.isFinite else { throw .outOfRange }
                guard let number = shortestDecimal(value, from: source) else { throw .outOfRange }
                return try assignNumber(number, to: target)
            }
            if let number = ExactNumber(literal) { return try assignNumber(number, to: target) }
        }
        if case .timestamp(let moment) = literal, target == .date {
            let (days, rest) = CivilTime.split(microseconds: moment)
            guard rest == 0 else { throw .digitsLost }
            return .date(days)
        }
        if case .string(let text) = literal, target == .date {
            guard let days = text.withUnsafeBytes({ TimeText.parseDate($0) }) else {
                throw .invalidText
            }
            return .date(days)
        }
        return try cast(literal, from: source, to: target)
    }

    // MARK: Numbers

    private static func castBool(
        _ value: Bool, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        switch target {
        case .bool: return .bool(value)
        case .string: return .string(Array((value ? "true" : "false").utf8))
        default: return try castNumber(ExactNumber(unscaled: value ? 1 : 0, scale: 0), to: target)
        }
    }

    private static func castNumber(
        _ number: ExactNumber, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        switch target {
        case .bool: return .bool(number.unscaled != 0)
        case .float64: return .float(number.double)
        case .float32:
            let value = number.float
            guard value.isFinite else { throw .outOfRange }
            return .float(Double(value))
        case .string: return .string(number.text)
        case .date, .timestamp: throw .notAllowed
        default:
            return try inRange(number.rounded(toScale: Int(target.scale)), target)
        }
    }

    private static func assignNumber(
        _ number: ExactNumber, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        guard number.rounded(toScale: Int(target.scale)) != nil else { throw .outOfRange }
        guard let exact = number.exactly(atScale: Int(target.scale)) else { throw .digitsLost }
        return try inRange(exact, target)
    }

    private static func castFloat(
        _ value: Double, from source: ColumnType, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        switch target {
        case .float64: return .float(value)
        case .float32:
            let narrow = Float(value)
            guard narrow.isFinite || !value.isFinite else { throw .outOfRange }
            return .float(Double(narrow))
        case .string: return .string(floatText(value, isNarrow: source == .float32))
        case .bool, .date, .timestamp: throw .notAllowed
        case .decimal(_, let scale):
            return try inRange(FloatRounding.scaled(value, scale: Int(scale)), target)
        default: return try inRange(FloatRounding.integer(value), target)
        }
    }

    /// The scaled integer as a literal of an integer or decimal type.
    private static func inRange(
        _ value: Int128?, _ target: ColumnType
    ) throws(CastFailure) -> Literal {
        guard let value, let range = target.integerRange, range.contains(value) else {
            throw .outOfRange
        }
        return target.isDecimal ? .decimal(unscaled: value, scale: target.scale) : .integer(value)
    }

    // MARK: Times

    private static func castDate(
        _ days: Int32, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        switch target {
        case .date: return .date(days)
        case .timestamp: return .timestamp(Int64(days) * CivilTime.microsecondsPerDay)
        case .string:
            var text: [UInt8] = []
            TimeText.append(date: days, to: &text)
            return .string(text)
        default: throw .notAllowed
        }
    }

    private static func castTimestamp(
        _ moment: Int64, to target: ColumnType
    ) throws(CastFailure) -> Literal {
        switch target {
        case .date: return .date(CivilTime.split(microseconds: moment).days)
        case .timestamp: return .timestamp(moment)
        case .string:
            var text: [UInt8] = []
            TimeText.append(timestamp: moment, isRFC3339: false, to: &text)
            return .string(text)
        default: throw .notAllowed
        }
    }
}
