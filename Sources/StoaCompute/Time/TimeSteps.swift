internal import StoaModel

/// Rounding moments down, without the calendar where a step has one length.
enum TimeSteps {
    /// Down to a multiple of `step` since 0001-01-01, a Monday, so that no number is negative and
    /// a division by a constant is a multiplication. A null row may hold anything.
    @inline(__always)
    static func roundDown(
        _ values: UnsafePointer<Int64>, step: UInt64, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<rowCount {
            let distance = UInt64(bitPattern: values[row] &- CivilTime.firstMicrosecond)
            out[row] = values[row] &- Int64(bitPattern: distance % step)
        }
    }

    /// `(value since 0001-01-01) / step % count`
    @inline(__always)
    static func part(
        _ values: UnsafePointer<Int64>, step: UInt64, count: UInt64, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<rowCount {
            let distance = UInt64(bitPattern: values[row] &- CivilTime.firstMicrosecond)
            out[row] = Int64(bitPattern: distance / step % count)
        }
    }

    /// Down to `origin` plus a multiple of any `step`. The quotient comes from doubles, which are
    /// at most one off, and is put right.
    static func roundDown(
        _ values: UnsafePointer<Int64>, step: Int64, origin: Int64, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        guard step >= 1_000 else {
            for row in 0..<rowCount {
                let distance = values[row] &- origin
                let rest = distance % step
                out[row] = values[row] &- (rest < 0 ? rest &+ step : rest)
            }
            return
        }
        let inverse = 1 / Double(step)
        for row in 0..<rowCount {
            let value = CalendarField.clamped(microseconds: values[row])
            let distance = value &- origin
            var quotient = Int64((Double(distance) * inverse).rounded(.down))
            let rest = distance &- quotient &* step
            quotient = quotient &+ (rest < 0 ? -1 : 0) &+ (rest >= step ? 1 : 0)
            out[row] = origin &+ quotient &* step
        }
    }

    /// Rounds down by the calendar. `span` gives the first day of the step that a day is in, and
    /// that of the next one; it is asked only when a value leaves the step before, so that times
    /// in order cost a comparison each.
    @inline(__always)
    static func roundDown(
        _ values: UnsafePointer<Int64>, unitsPerDay: Int64, rowCount: Int,
        into out: UnsafeMutablePointer<Int64>, span: (Int32) -> (first: Int64, next: Int64)
    ) {
        var (low, high) = (Int64(1), Int64(0))
        let first = Int64(CivilTime.firstDay) &* unitsPerDay
        let last = (Int64(CivilTime.lastDay) &+ 1) &* unitsPerDay &- 1
        for row in 0..<rowCount {
            let value = max(first, min(last, values[row]))
            if value < low || value >= high {
                let distance = UInt64(bitPattern: value &- first)
                let days = Int64(distance / UInt64(unitsPerDay)) &+ Int64(CivilTime.firstDay)
                let found = span(Int32(days))
                low = found.first &* unitsPerDay
                high = found.next &* unitsPerDay
            }
            out[row] = low
        }
    }

    /// The first days of the step of `width` months around a day, and of the one behind it.
    /// `origin` counts months since year 0.
    static func monthSpan(
        _ days: Int32, width: Int, origin: Int
    ) -> (first: Int64, next: Int64) {
        let day = CivilTime.day(days)
        let distance = day.year * 12 + day.month - 1 - origin
        let rest = distance % width
        let first = distance - (rest < 0 ? rest + width : rest) + origin
        return (Self.firstDay(ofMonth: first), Self.firstDay(ofMonth: first + width))
    }

    /// The first day of a month since year 0, also of those around the ends of the calendar.
    static func firstDay(ofMonth month: Int) -> Int64 {
        let day = CivilTime.Day(year: month / 12, month: month % 12 + 1, day: 1)
        if month >= 12, let days = CivilTime.days(day) { return Int64(days) }
        return month < 12 ? Int64(CivilTime.firstDay) : Int64(CivilTime.lastDay) + 1
    }
}
