internal import StoaModel

/// Reads dates and timestamps from cells, remembering the last day: rows in the order of time
/// mostly share it.
struct MomentText {
    private var lastDayText: (UInt64, UInt16) = (0, 0)
    private var lastDays: Int32 = 0

    /// `YYYY-MM-DD` as days since 1970-01-01.
    @inline(__always)
    mutating func date(_ text: UnsafeRawPointer, _ count: Int) -> Int32? {
        count == 10 ? day(text) : nil
    }

    /// A timestamp in any form of `TimeText` as microseconds since 1970-01-01 UTC.
    @inline(__always)
    mutating func timestamp(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
        guard count >= 19, count <= 26, let days = day(text), let seconds = secondOfDay(text),
            let fraction = fraction(text, count)
        else { return slow(text, count) }
        return Int64(days) &* CivilTime.microsecondsPerDay
            &+ Int64(seconds) &* CivilTime.microsecondsPerSecond &+ fraction
    }

    /// The ten bytes of a date.
    @inline(__always)
    private mutating func day(_ text: UnsafeRawPointer) -> Int32? {
        let head = WordSearch.load(text)
        let tail = text.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        if head == lastDayText.0, tail == lastDayText.1 { return lastDays }
        guard let days = TimeText.parseDate(UnsafeRawBufferPointer(start: text, count: 10)) else {
            return nil
        }
        lastDayText = (head, tail)
        lastDays = days
        return days
    }

    /// `hh:mm:ss` behind a date and a separator.
    @inline(__always)
    private func secondOfDay(_ text: UnsafeRawPointer) -> Int? {
        let separator = text.load(fromByteOffset: 10, as: UInt8.self)
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "T") else { return nil }
        let word = WordSearch.load(text + 11)
        let values = word ^ 0x3030_3A30_303A_3030
        guard (values | (values &+ 0x7676_7F76_767F_7676)) & WordSearch.highs == 0 else {
            return nil
        }
        func pair(_ place: UInt64) -> Int {
            Int((values &>> place) & 0xFF) &* 10 &+ Int((values &>> (place &+ 8)) & 0xFF)
        }
        let hour = pair(0), minute = pair(24), second = pair(48)
        guard hour <= 23, minute <= 59, second <= 59 else { return nil }
        return hour &* 3_600 &+ minute &* 60 &+ second
    }

    /// Nothing, or a point and one to six digits, in microseconds.
    @inline(__always)
    private func fraction(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
        if count == 19 { return 0 }
        let digitCount = count &- 20
        guard digitCount > 0,
            text.load(fromByteOffset: 19, as: UInt8.self) == UInt8(ascii: "."),
            let digits = NumberText.digits(text + 20, digitCount)
        else { return nil }
        return Int64(digits) &* NumberText.powerOfTen(6 &- digitCount)
    }

    private func slow(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
        TimeText.parseTimestamp(UnsafeRawBufferPointer(start: text, count: count))
    }
}

/// Reads booleans from cells.
enum BoolText {
    /// `true` and `false` in any case, and with `isLenient` also `t`, `f`, `1` and `0`.
    @inline(__always)
    static func bool(_ text: UnsafeRawPointer, _ count: Int, isLenient: Bool) -> Bool? {
        switch count {
        case 4:
            let word = text.loadUnaligned(as: UInt32.self) | 0x2020_2020
            return UInt32(littleEndian: word) == 0x6575_7274 ? true : nil
        case 5:
            let word = text.loadUnaligned(as: UInt32.self) | 0x2020_2020
            let last = text.load(fromByteOffset: 4, as: UInt8.self) | 0x20
            return UInt32(littleEndian: word) == 0x736C_6166 && last == 0x65 ? false : nil
        case 1 where isLenient:
            switch text.load(as: UInt8.self) {
            case UInt8(ascii: "1"), UInt8(ascii: "t"), UInt8(ascii: "T"): return true
            case UInt8(ascii: "0"), UInt8(ascii: "f"), UInt8(ascii: "F"): return false
            default: return nil
            }
        default: return nil
        }
    }
}
