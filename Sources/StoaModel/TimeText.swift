/// Reads and writes dates and timestamps as text: ISO 8601 with `T` or a space, an optional
/// fraction of up to six digits (more must be zeros) and an optional zone (none means UTC).
package enum TimeText {
    /// `YYYY-MM-DD` as days since 1970-01-01; nil when it is no such text or no such day.
    package static func parseDate(_ text: UnsafeRawBufferPointer) -> Int32? {
        var scanner = Scanner(text)
        guard let days = scanner.date(), scanner.isAtEnd else { return nil }
        return days
    }

    /// A timestamp as microseconds since 1970-01-01 UTC; a bare date is its midnight.
    package static func parseTimestamp(_ text: UnsafeRawBufferPointer) -> Int64? {
        var scanner = Scanner(text)
        guard let days = scanner.date() else { return nil }
        let midnight = Int64(days) * CivilTime.microsecondsPerDay
        if scanner.isAtEnd { return midnight }
        guard scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let time = scanner.timeOfDay(), let offset = scanner.zoneOffset(), scanner.isAtEnd
        else { return nil }
        let moment = midnight + time - offset
        return (CivilTime.firstMicrosecond...CivilTime.lastMicrosecond).contains(moment)
            ? moment : nil
    }

    /// `YYYY-MM-DD`.
    package static func append(date days: Int32, to text: inout [UInt8]) {
        let day = CivilTime.day(days)
        append(day.year, digitCount: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(day.month, digitCount: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(day.day, digitCount: 2, to: &text)
    }

    /// `YYYY-MM-DD hh:mm:ss[.ffffff]`; with `isRFC3339`, `T` between and `Z` at the end.
    /// Trailing zeros of the fraction are left out.
    package static func append(
        timestamp microseconds: Int64, isRFC3339: Bool, to text: inout [UInt8]
    ) {
        let (days, time) = CivilTime.split(microseconds: microseconds)
        append(date: days, to: &text)
        text.append(UInt8(ascii: isRFC3339 ? "T" : " "))
        let seconds = Int(time / CivilTime.microsecondsPerSecond)
        append(seconds / 3_600, digitCount: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(seconds / 60 % 60, digitCount: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(seconds % 60, digitCount: 2, to: &text)
        var fraction = Int(time % CivilTime.microsecondsPerSecond)
        if fraction > 0 {
            text.append(UInt8(ascii: "."))
            var digitCount = 6
            while fraction % 10 == 0 {
                fraction /= 10
                digitCount -= 1
            }
            append(fraction, digitCount: digitCount, to: &text)
        }
        if isRFC3339 { text.append(UInt8(ascii: "Z")) }
    }

    private static func append(_ number: Int, digitCount: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digitCount { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Walks the text; every step checks that there is a next byte.
    private struct Scanner {
        let text: UnsafeRawBufferPointer
        var index = 0

        init(_ text: UnsafeRawBufferPointer) { self.text = text }

        var isAtEnd: Bool { index == text.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard text.count - index >= count else { return nil }
            var number = 0
            for _ in 0..<count {
                guard let digit = nextDigit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        mutating func nextDigit() -> Int? {
            guard index < text.count else { return nil }
            let digit = Int(text[index]) - 48
            guard (0...9).contains(digit) else { return nil }
            index += 1
            return digit
        }

        mutating func date() -> Int32? {
            guard let year = digits(4), take("-"), let month = digits(2), take("-"),
                let day = digits(2)
            else { return nil }
            return CivilTime.days(CivilTime.Day(year: year, month: month, day: day))
        }

        /// `hh:mm[:ss[.fraction]]` in microseconds.
        mutating func timeOfDay() -> Int64? {
            guard let hour = digits(2), hour <= 23, take(":"), let minute = digits(2),
                minute <= 59
            else { return nil }
            var microseconds = Int64(hour * 3_600 + minute * 60) * 1_000_000
            guard take(":") else { return microseconds }
            guard let second = digits(2), second <= 59 else { return nil }
            microseconds += Int64(second) * 1_000_000
            guard take(".") || take(",") else { return microseconds }
            var unit: Int64 = 100_000
            guard let first = nextDigit() else { return nil }
            microseconds += Int64(first) * unit
            while let digit = nextDigit() {
                unit /= 10
                if unit == 0, digit != 0 { return nil }
                microseconds += Int64(digit) * unit
            }
            return microseconds
        }

        /// `Z`, `±hh`, `±hhmm` or `±hh:mm` in microseconds east of UTC; nothing is UTC.
        mutating func zoneOffset() -> Int64? {
            if isAtEnd || take("Z") || take("z") { return 0 }
            let sign: Int64
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hours = digits(2), hours <= 18 else { return nil }
            if isAtEnd { return sign * Int64(hours) * 3_600_000_000 }
            _ = take(":")
            guard let minutes = digits(2), minutes <= 59 else { return nil }
            return sign * Int64(hours * 60 + minutes) * 60_000_000
        }
    }
}
