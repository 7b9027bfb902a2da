/// The proleptic Gregorian calendar, years 0001 … 9999, UTC, without leap seconds.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil and
/// civil_from_days).
package enum CivilTime {
    /// 0001-01-01 in days since 1970-01-01.
    package static let firstDay: Int32 = -719_162
    /// 9999-12-31.
    package static let lastDay: Int32 = 2_932_896
    package static let microsecondsPerSecond: Int64 = 1_000_000
    package static let microsecondsPerDay: Int64 = 86_400_000_000
    /// 0001-01-01 00:00:00.
    package static let firstMicrosecond = Int64(firstDay) * microsecondsPerDay
    /// 9999-12-31 23:59:59.999999.
    package static let lastMicrosecond = (Int64(lastDay) + 1) * microsecondsPerDay - 1

    /// A calendar day.
    package struct Day: Equatable, Sendable {
        package var year: Int
        /// 1 … 12
        package var month: Int
        /// 1 … 31
        package var day: Int

        package init(year: Int, month: Int, day: Int) {
            self.year = year
            self.month = month
            self.day = day
        }
    }

    /// Days since 1970-01-01; nil when there is no such day or the year is out of range.
    package static func days(_ day: Day) -> Int32? {
        guard (1...9_999).contains(day.year), (1...12).contains(day.month), day.day >= 1,
            day.day <= dayCount(year: day.year, month: day.month)
        else { return nil }
        let year = day.month <= 2 ? day.year - 1 : day.year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (day.month + (day.month > 2 ? -3 : 9)) + 2) / 5 + day.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }

    /// The calendar day of `days` since 1970-01-01.
    package static func day(_ days: Int32) -> Day {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return Day(year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: day)
    }

    /// Days of a month, 28 … 31.
    package static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The day of a moment, and the microseconds since its midnight.
    package static func split(
        microseconds: Int64
    ) -> (days: Int32, microsecondOfDay: Int64) {
        var days = microseconds / microsecondsPerDay
        var rest = microseconds % microsecondsPerDay
        if rest < 0 {
            days -= 1
            rest += microsecondsPerDay
        }
        return (Int32(days), rest)
    }
}
