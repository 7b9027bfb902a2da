/// What `date_trunc` rounds down to. The result has the operand's type: a TIMESTAMP, or a DATE
/// with a unit of at least a day.
package enum TimeUnit: String, CaseIterable, Hashable, Sendable {
    case microsecond, millisecond, second, minute, hour, day
    /// Starts on Monday (ISO 8601).
    case week
    case month, quarter, year

    /// Whether a date is already a multiple of it.
    package var isBelowDay: Bool {
        switch self {
        case .microsecond, .millisecond, .second, .minute, .hour: true
        case .day, .week, .month, .quarter, .year: false
        }
    }
}

/// What `extract` takes from a DATE (at its midnight) or a TIMESTAMP. The result is INT64, of
/// `epoch` FLOAT64.
package enum TimeField: String, CaseIterable, Hashable, Sendable {
    case year
    /// 1 … 4
    case quarter
    /// 1 … 12
    case month
    /// The week of ISO 8601, 1 … 53.
    case week
    /// The year that the ISO week belongs to.
    case isoYear = "isoyear"
    /// Day of the month, 1 … 31.
    case day
    /// 0 (Sunday) … 6.
    case dayOfWeek = "dow"
    /// 1 (Monday) … 7.
    case isoDayOfWeek = "isodow"
    /// 1 … 366
    case dayOfYear = "doy"
    case hour
    case minute
    /// Whole seconds of the minute, 0 … 59.
    case second
    /// Whole milliseconds of the minute, 0 … 59,999.
    case millisecond
    /// Microseconds of the minute, 0 … 59,999,999.
    case microsecond
    /// Seconds since 1970-01-01 with their fraction, the nearest double.
    case epoch
}
