internal import StoaModel

/// What can be taken out of a time; the raw values are SQL's words.
package enum CalendarField: String, CaseIterable, Sendable {
    case year, quarter, month, week
    case isoYear = "isoyear"
    case day
    case dayOfWeek = "dow"
    case isoDayOfWeek = "isodow"
    case dayOfYear = "doy"
    case hour, minute, second, millisecond, microsecond, epoch

    /// The field of each timestamp in microseconds. `epoch` is whole microseconds here.
    package func extract(
        timestamps values: UnsafePointer<Int64>, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        switch self {
        case .epoch: out.update(from: values, count: rowCount)
        case .hour:
            TimeSteps.part(
                values, step: 3_600_000_000, count: 24, rowCount: rowCount, into: out)
        case .minute:
            TimeSteps.part(values, step: 60_000_000, count: 60, rowCount: rowCount, into: out)
        case .second:
            TimeSteps.part(values, step: 1_000_000, count: 60, rowCount: rowCount, into: out)
        case .millisecond:
            TimeSteps.part(values, step: 1_000, count: 60_000, rowCount: rowCount, into: out)
        case .microsecond:
            TimeSteps.part(values, step: 1, count: 60_000_000, rowCount: rowCount, into: out)
        default: extractByDay(values, rowCount: rowCount, into: out)
        }
    }

    /// A field that is the same all day: the calendar is asked when a value leaves the day of the
    /// one before.
    private func extractByDay(
        _ values: UnsafePointer<Int64>, rowCount: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        var (low, high) = (Int64(1), Int64(0))
        var found: Int64 = 0
        for row in 0..<rowCount {
            let moment = Self.clamped(microseconds: values[row])
            if moment < low || moment >= high {
                let (days, time) = CivilTime.split(microseconds: moment)
                found = value(days: days, microsecondOfDay: 0)
                low = moment &- time
                high = low &+ CivilTime.microsecondsPerDay
            }
            out[row] = found
        }
    }

    /// All values it can have, where they are few.
    package var range: ClosedRange<Int64>? {
        switch self {
        case .year, .isoYear: 0...10_000
        case .quarter: 1...4
        case .month: 1...12
        case .week: 1...53
        case .day: 1...31
        case .dayOfWeek: 0...6
        case .isoDayOfWeek: 1...7
        case .dayOfYear: 1...366
        case .hour: 0...23
        case .minute, .second: 0...59
        case .millisecond: 0...59_999
        case .microsecond: 0...59_999_999
        case .epoch: nil
        }
    }

    /// The field of each date in days. `epoch` is whole microseconds here.
    package func extract(
        dates values: UnsafePointer<Int64>, rowCount: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        if self == .epoch {
            for row in 0..<rowCount { out[row] = values[row] &* CivilTime.microsecondsPerDay }
            return
        }
        for row in 0..<rowCount {
            out[row] = value(days: Self.clamped(days: values[row]), microsecondOfDay: 0)
        }
    }

    private func value(days: Int32, microsecondOfDay: Int64) -> Int64 {
        switch self {
        case .year: return Int64(CivilTime.day(days).year)
        case .quarter: return Int64((CivilTime.day(days).month + 2) / 3)
        case .month: return Int64(CivilTime.day(days).month)
        case .day: return Int64(CivilTime.day(days).day)
        case .week: return Self.isoWeek(days).week
        case .isoYear: return Self.isoWeek(days).year
        case .dayOfWeek: return (Self.weekday(days) + 1) % 7
        case .isoDayOfWeek: return Self.weekday(days) + 1
        case .dayOfYear: return Int64(days - Self.firstOfYear(CivilTime.day(days).year)) + 1
        case .hour: return microsecondOfDay / 3_600_000_000
        case .minute: return microsecondOfDay / 60_000_000 % 60
        case .second: return microsecondOfDay / 1_000_000 % 60
        case .millisecond: return microsecondOfDay / 1_000 % 60_000
        case .microsecond: return microsecondOfDay % 60_000_000
        case .epoch: return Int64(days) * CivilTime.microsecondsPerDay + microsecondOfDay
        }
    }

    /// 0 is Monday.
    private static func weekday(_ days: Int32) -> Int64 {
        let rest = (Int64(days) + 3) % 7
        return rest < 0 ? rest + 7 : rest
    }

    /// The week of ISO 8601: the one with the year's first Thursday is 1.
    private static func isoWeek(_ days: Int32) -> (year: Int64, week: Int64) {
        let thursday = days - Int32(weekday(days)) + 3
        let year = CivilTime.day(thursday).year
        return (Int64(year), Int64(thursday - firstOfYear(year)) / 7 + 1)
    }

    private static func firstOfYear(_ year: Int) -> Int32 {
        // Years 0 and 10,000 occur around the ends of the range, as ISO years.
        if let days = CivilTime.days(CivilTime.Day(year: year, month: 1, day: 1)) { return days }
        return year < 1 ? CivilTime.firstDay - 366 : CivilTime.lastDay + 1
    }

    /// A null row may hold anything; the calendar must not.
    @inline(__always)
    static func clamped(microseconds: Int64) -> Int64 {
        max(CivilTime.firstMicrosecond, min(CivilTime.lastMicrosecond, microseconds))
    }

    @inline(__always)
    static func clamped(days: Int64) -> Int32 {
        Int32(max(Int64(CivilTime.firstDay), min(Int64(CivilTime.lastDay), days)))
    }
}
