internal import StoaModel

/// Buckets of one width: so many months, or so many microseconds.
package struct TimeBuckets: Sendable {
    private let months: Int
    private let microseconds: Int64
    private let origin: Int64

    /// - Parameters:
    ///   - months: 0, or the width and then `microseconds` is 0.
    ///   - microseconds: 0 or the width.
    ///   - origin: A boundary, in microseconds.
    package init(months: Int, microseconds: Int64, origin: Int64) {
        self.months = months
        self.microseconds = microseconds
        self.origin = origin
    }

    private var originMonth: Int {
        let day = CivilTime.day(CivilTime.split(microseconds: origin).days)
        return day.year * 12 + day.month - 1
    }

    /// The bucket of each timestamp, in microseconds; one before 0001-01-01 begins there.
    package func roundDown(
        timestamps values: UnsafePointer<Int64>, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        if months > 0 {
            let origin = originMonth
            return TimeSteps.roundDown(
                values, unitsPerDay: CivilTime.microsecondsPerDay, rowCount: rowCount, into: out
            ) { TimeSteps.monthSpan($0, width: months, origin: origin) }
        }
        TimeSteps.roundDown(
            values, step: microseconds, origin: origin, rowCount: rowCount, into: out)
        for row in 0..<rowCount { out[row] = max(out[row], CivilTime.firstMicrosecond) }
    }

    /// The bucket of each date, in days; the width is months or whole days.
    package func roundDown(
        dates values: UnsafePointer<Int64>, rowCount: Int, into out: UnsafeMutablePointer<Int64>
    ) {
        if months > 0 {
            let origin = originMonth
            return TimeSteps.roundDown(
                values, unitsPerDay: 1, rowCount: rowCount, into: out
            ) { TimeSteps.monthSpan($0, width: months, origin: origin) }
        }
        let step = microseconds / CivilTime.microsecondsPerDay
        let origin = Int64(CivilTime.split(microseconds: origin).days)
        for row in 0..<rowCount {
            let value = Int64(CalendarField.clamped(days: values[row]))
            let rest = (value &- origin) % step
            out[row] = max(
                Int64(CivilTime.firstDay), value &- (rest < 0 ? rest &+ step : rest))
        }
    }
}
