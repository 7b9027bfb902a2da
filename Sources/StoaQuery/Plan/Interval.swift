/// A span of time: calendar months, and a fixed length beside them. A day is 24 hours: times are
/// UTC, without leap seconds.
package struct Interval: Hashable, Sendable, CustomStringConvertible {
    package var months: Int
    package var microseconds: Int64

    package init(months: Int, microseconds: Int64) {
        self.months = months
        self.microseconds = microseconds
    }

    package var description: String { "\(months) months \(microseconds) us" }

    /// The other direction; nil beyond 64 bits.
    var negated: Interval? { times(-1) }

    /// Both together; nil beyond 64 bits.
    func plus(_ other: Interval) -> Interval? {
        let (months, over) = months.addingReportingOverflow(other.months)
        let (microseconds, overflow) = microseconds.addingReportingOverflow(other.microseconds)
        return over || overflow ? nil : Interval(months: months, microseconds: microseconds)
    }

    /// So many times as long; nil beyond 64 bits.
    func times(_ factor: Int64) -> Interval? {
        let (months, over) = months.multipliedReportingOverflow(by: Int(factor))
        let (microseconds, overflow) = microseconds.multipliedReportingOverflow(by: factor)
        return over || overflow ? nil : Interval(months: months, microseconds: microseconds)
    }
}

/// Equal steps of time from an origin on: what `time_bucket` rounds down to.
package struct TimeBucket: Hashable, Sendable {
    /// Exactly one of its parts is more than 0, the other is 0.
    package let width: Interval
    /// A boundary: microseconds since 1970-01-01; for months only its calendar month counts.
    package let origin: Int64

    package init(width: Interval, origin: Int64) {
        self.width = width
        self.origin = origin
    }

    /// The longest step, in microseconds.
    var longestMicroseconds: Int128 {
        Int128(width.microseconds) + Int128(width.months) * 31 * 86_400_000_000
    }
}
