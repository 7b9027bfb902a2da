internal import StoaModel

/// What a time is rounded down to; the raw values are SQL's words.
package enum CalendarUnit: String, CaseIterable, Sendable {
    case microsecond, millisecond, second, minute, hour, day, week, month, quarter, year

    /// Microseconds of the units of one length; nil for months and longer.
    package var microseconds: Int64? {
        switch self {
        case .microsecond: 1
        case .millisecond: 1_000
        case .second: 1_000_000
        case .minute: 60_000_000
        case .hour: 3_600_000_000
        case .day: CivilTime.microsecondsPerDay
        case .week: 7 * CivilTime.microsecondsPerDay
        case .month, .quarter, .year: nil
        }
    }

    /// Days of the units of one length, for dates; nil for months and longer.
    package var days: Int64? {
        guard let length = microseconds else { return nil }
        return max(1, length / CivilTime.microsecondsPerDay)
    }

    /// One time rounded down.
    package func truncated(_ value: Int64, isDate: Bool) -> Int64 {
        var (source, result) = (value, value)
        if isDate {
            truncate(dates: &source, rowCount: 1, into: &result)
        } else {
            truncate(timestamps: &source, rowCount: 1, into: &result)
        }
        return result
    }

    /// Rounds timestamps down, in microseconds. A null row may hold anything.
    package func truncate(
        timestamps values: UnsafePointer<Int64>, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        guard let step = microseconds else {
            for row in 0..<rowCount {
                let day = Self.day(of: values[row])
                out[row] = Int64(firstDay(of: day)) * CivilTime.microsecondsPerDay
            }
            return
        }
        // 1970-01-01 is a Thursday: weeks start three days before it.
        let origin = self == .week ? -3 * CivilTime.microsecondsPerDay : 0
        for row in 0..<rowCount {
            let (distance, _) = values[row].subtractingReportingOverflow(origin)
            let rest = distance % step
            out[row] = values[row] &- (rest < 0 ? rest &+ step : rest)
        }
    }

    /// Rounds dates down, in days. A null row may hold anything.
    package func truncate(
        dates values: UnsafePointer<Int64>, rowCount: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        switch self {
        case .week:
            for row in 0..<rowCount {
                let rest = (values[row] &+ 3) % 7
                out[row] = values[row] &- (rest < 0 ? rest &+ 7 : rest)
            }
        case .month, .quarter, .year:
            for row in 0..<rowCount {
                out[row] = Int64(firstDay(of: CalendarField.clamped(days: values[row])))
            }
        default: out.update(from: values, count: rowCount)
        }
    }

    private func firstDay(of days: Int32) -> Int32 {
        var day = CivilTime.day(days)
        day.day = 1
        if self == .quarter { day.month = (day.month - 1) / 3 * 3 + 1 }
        if self == .year { day.month = 1 }
        return CivilTime.days(day) ?? days
    }

    @inline(__always)
    static func day(of microseconds: Int64) -> Int32 {
        CivilTime.split(microseconds: CalendarField.clamped(microseconds: microseconds)).days
    }
}
