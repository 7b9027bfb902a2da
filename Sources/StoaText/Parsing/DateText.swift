internal import StoaBase
internal import StoaModel

/// A day, or a moment of it, as a text in some `DateFormat` says.
struct DateText {
    /// Days since 1970-01-01.
    let days: Int32
    /// nil where the text has no time of day; less than zero or more than a day after a zone.
    let microsecondOfDay: Int64?

    /// - Returns: nil when the text has another form, names no day of the calendar, or has digits
    ///   beyond microseconds that are not zero.
    init?(_ text: UnsafeRawPointer, _ count: Int, _ format: DateFormat) {
        var scan = DateScan(text: text, count: count)
        for piece in format.pieces {
            guard scan.take(piece) else { return nil }
        }
        if !format.hasTime, scan.position < count {
            guard scan.takeTimeBehindDay() else { return nil }
        }
        guard scan.position == count, let days = scan.days, scan.isSoundTime else { return nil }
        self.days = days
        microsecondOfDay = scan.hasTime ? scan.microsecondOfDay : nil
    }

    /// Microseconds since 1970-01-01 UTC; nil outside the calendar.
    var moment: Int64? {
        let moment = Int64(days) * CivilTime.microsecondsPerDay + (microsecondOfDay ?? 0)
        return (CivilTime.firstMicrosecond...CivilTime.lastMicrosecond).contains(moment)
            ? moment : nil
    }
}

/// Walks a text along the pieces of a format.
private struct DateScan {
    let text: UnsafeRawPointer
    let count: Int
    var position = 0
    var year = 0
    var month = 0
    var day = 0
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond: Int64 = 0
    var zone: Int64 = 0
    var hasTime = false
    /// 12-hour clock: whether it is after noon.
    var isAfternoon: Bool?

    init(text: UnsafeRawPointer, count: Int) {
        self.text = text
        self.count = count
    }

    var days: Int32? { CivilTime.days(CivilTime.Day(year: year, month: month, day: day)) }

    var isSoundTime: Bool {
        let hours = isAfternoon == nil ? 0...23 : 1...12
        return (!hasTime || hours.contains(hour)) && minute <= 59 && second <= 59
    }

    var microsecondOfDay: Int64 {
        let hours = isAfternoon.map { hour % 12 + ($0 ? 12 : 0) } ?? hour
        return Int64(hours * 3_600 + minute * 60 + second) * 1_000_000 + microsecond - zone
    }

    private func byte(_ offset: Int) -> UInt8 {
        offset < count ? text.load(fromByteOffset: offset, as: UInt8.self) : 0
    }

    mutating func take(_ piece: DateFormat.Piece) -> Bool {
        switch piece {
        case .monthName: takeMonthName()
        case .fraction: takeFraction()
        case .halfDay: takeHalfDay()
        case .zone: takeZone()
        case .literal(let wanted): take(wanted)
        default: takeNumber(piece)
        }
    }

    private mutating func takeNumber(_ piece: DateFormat.Piece) -> Bool {
        let digits =
            switch piece {
            case .year: 4...4
            case .month, .day, .hour, .halfDayHour: 1...2
            default: 2...2
            }
        guard let found = number(digits) else { return false }
        switch piece {
        case .year: year = found
        // As POSIX has it.
        case .shortYear: year = found + (found < 69 ? 2_000 : 1_900)
        case .month: month = found
        case .day: day = found
        case .minute: minute = found
        case .second: second = found
        default:
            hasTime = true
            hour = found
        }
        return true
    }

    mutating func takeTimeBehindDay() -> Bool {
        if take(UInt8(ascii: ",")) {
            guard take(UInt8(ascii: " ")) else { return false }
        } else if !take(UInt8(ascii: " ")) {
            guard take(UInt8(ascii: "T")) else { return false }
        }
        guard take(.hour), take(UInt8(ascii: ":")), take(.minute) else { return false }
        if take(UInt8(ascii: ":")) {
            guard take(.second) else { return false }
            if take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")), !takeFraction() { return false }
        }
        if position < count { _ = takeHalfDay() }
        return position == count || takeZone()
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard position < count, byte(position) == wanted else { return false }
        position += 1
        return true
    }

    private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        let start = position
        var value = 0
        while position - start < digits.upperBound, byte(position) &- 48 <= 9 {
            value = value * 10 + Int(byte(position) - 48)
            position += 1
        }
        return digits.contains(position - start) ? value : nil
    }

    private mutating func takeFraction() -> Bool {
        var unit: Int64 = 100_000
        let start = position
        while byte(position) &- 48 <= 9, position < count {
            let digit = Int64(byte(position) - 48)
            if unit == 0, digit != 0 { return false }
            microsecond += digit * unit
            unit /= 10
            position += 1
        }
        return position > start
    }

    private mutating func takeHalfDay() -> Bool {
        let start = position
        _ = take(UInt8(ascii: " "))
        let letter = byte(position) | 0x20
        guard letter == UInt8(ascii: "a") || letter == UInt8(ascii: "p"),
            byte(position + 1) | 0x20 == UInt8(ascii: "m")
        else {
            position = start
            return false
        }
        isAfternoon = letter == UInt8(ascii: "p")
        position += 2
        return true
    }

    private mutating func takeZone() -> Bool {
        _ = take(UInt8(ascii: " "))
        if take(UInt8(ascii: "Z")) { return true }
        let isWest = take(UInt8(ascii: "-"))
        guard isWest || take(UInt8(ascii: "+")) else { return false }
        guard let hours = number(2...2), hours <= 18 else { return false }
        var minutes = 0
        if position < count {
            _ = take(UInt8(ascii: ":"))
            guard let found = number(2...2), found <= 59 else { return false }
            minutes = found
        }
        zone = Int64(hours * 60 + minutes) * (isWest ? -60_000_000 : 60_000_000)
        return true
    }

    private static let monthNames = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ].map { Array($0.utf8) }

    /// The English name of a month or its first three letters, in any case.
    private mutating func takeMonthName() -> Bool {
        for (index, name) in Self.monthNames.enumerated() {
            var length = 0
            while length < name.count, byte(position + length) | 0x20 == name[length] {
                length += 1
            }
            guard length == 3 || length == name.count else { continue }
            month = index + 1
            position += length
            return true
        }
        return false
    }
}
