package import StoaModel

/// Which types CAST takes to which.
///
///     from \ to         BOOL  integers  decimals  floats  DATE  TIMESTAMP  STRING
///     BOOL               x       x         x        x      -        -         x
///     integers           x       x         x        x      -        -         x
///     decimals           -       x         x        x      -        -         x
///     floats             -       x         x        x      -        -         x
///     DATE               -       -         -        -      x        x         x
///     TIMESTAMP          -       -         -        -      x        x         x
///     STRING             x       x         x        x      x        x         x
///
/// To integers and decimals a decimal or text rounds half away from zero; to integers a float
/// rounds half to even. What does not fit is `NUMERIC_OVERFLOW`, text that is no such value
/// `INVALID_VALUE`. TIMESTAMP to DATE takes the day in UTC. An integer is TRUE unless it is 0.
package enum CastRules {
    /// Whether there is a CAST from one type to the other.
    package static func isAllowed(from source: ColumnType, to target: ColumnType) -> Bool {
        if source == target || source == .string || target == .string { return true }
        if source.isTime || target.isTime { return source.isTime && target.isTime }
        if target == .bool { return source.isInteger }
        return true
    }
}

/// Why a value cannot be converted.
package enum CastFailure: Error, Equatable, Sendable {
    /// There is no such conversion between the types.
    case notAllowed
    /// The text is no value of the type.
    case invalidText
    /// The value lies outside the type's range.
    case outOfRange
    /// Digits other than zero would be lost.
    case digitsLost
}
