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
        switch self {
        case .microsecond: out.update(from: values, count: rowCount)
        case .millisecond: TimeSteps.roundDown(values, step: 1_000, rowCount: rowCount, into: out)
        case .second: TimeSteps.roundDown(values, step: 1_000_000, rowCount: rowCount, into: out)
        case .minute: TimeSteps.roundDown(values, step: 60_000_000, rowCount: rowCount, into: out)
        case .hour:
            TimeSteps.roundDown(values, step: 3_600_000_000, rowCount: rowCount, into: out)
        case .day:
            TimeSteps.roundDown(values, step: 86_400_000_000, rowCount: rowCount, into: out)
        case .week:
            TimeSteps.roundDown(values, step: 604_800_000_000, rowCount: rowCount, into: out)
        case .month, .quarter, .year:
            let width = monthCount
            TimeSteps.roundDown(
                values, unitsPerDay: CivilTime.microsecondsPerDay, rowCount: rowCount, into: out
            ) { TimeSteps.monthSpan($0, width: width, origin: 0) }
        }
    }

    private var monthCount: Int {
        switch self {
        case .quarter: 3
        case .year: 12
        default: 1
        }
    }

    /// How many boundaries of the unit lie between `first` and `last`: negative when `last` comes
    /// first.
    package func count(from first: Int64, to last: Int64) -> Int64 {
        switch self {
        case .month, .quarter, .year:
            return index(CalendarField.clamped(microseconds: last))
                - index(CalendarField.clamped(microseconds: first))
        default:
            let step = microseconds ?? 1
            let origin = CivilTime.firstMicrosecond
            return (CalendarField.clamped(microseconds: last) - origin) / step
                - (CalendarField.clamped(microseconds: first) - origin) / step
        }
    }

    private func index(_ moment: Int64) -> Int64 {
        let day = CivilTime.day(CivilTime.split(microseconds: moment).days)
        return Int64((day.year * 12 + day.month - 1) / monthCount)
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
            let width = monthCount
            TimeSteps.roundDown(values, unitsPerDay: 1, rowCount: rowCount, into: out) {
                TimeSteps.monthSpan($0, width: width, origin: 0)
            }
        default: out.update(from: values, count: rowCount)
        }
    }
}
