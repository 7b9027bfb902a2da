import StoaBase
import StoaCompute
import StoaModel
import Testing

@Suite struct CalendarTests {
    private func truncate(_ unit: CalendarUnit, _ text: String) -> String {
        var value = Array(text.utf8).withUnsafeBytes { TimeText.parseTimestamp($0) } ?? 0
        var out: Int64 = 0
        unit.truncate(timestamps: &value, rowCount: 1, into: &out)
        var result: [UInt8] = []
        TimeText.append(timestamp: out, isRFC3339: false, to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    private func extract(_ field: CalendarField, _ text: String) -> Int64 {
        var value = Array(text.utf8).withUnsafeBytes { TimeText.parseTimestamp($0) } ?? 0
        var out: Int64 = 0
        field.extract(timestamps: &value, rowCount: 1, into: &out)
        return out
    }

    @Test("times are rounded down, before 1970 too, and weeks start on Monday")
    func truncation() {
        #expect(truncate(.hour, "1969-12-31 23:59:59.9") == "1969-12-31 23:00:00")
        #expect(truncate(.day, "0001-01-01 00:00:01") == "0001-01-01 00:00:00")
        #expect(truncate(.week, "2024-01-01 10:00:00") == "2024-01-01 00:00:00")
        #expect(truncate(.week, "2023-12-31 10:00:00") == "2023-12-25 00:00:00")
        #expect(truncate(.month, "2024-02-29 10:00:00") == "2024-02-01 00:00:00")
        #expect(truncate(.quarter, "2024-12-31 10:00:00") == "2024-10-01 00:00:00")
        #expect(truncate(.year, "1970-01-01 00:00:00") == "1970-01-01 00:00:00")
        #expect(truncate(.millisecond, "2024-01-01 00:00:00.123456") == "2024-01-01 00:00:00.123")
    }

    @Test("parts of times are those of the calendar and of ISO 8601")
    func parts() {
        let text = "2021-01-03 23:59:59.987654"
        let expected: [CalendarField: Int64] = [
            .year: 2021, .quarter: 1, .month: 1, .day: 3, .hour: 23, .minute: 59, .second: 59,
            .millisecond: 59_987, .microsecond: 59_987_654, .dayOfWeek: 0, .isoDayOfWeek: 7,
            .dayOfYear: 3, .week: 53, .isoYear: 2020,
        ]
        for (field, value) in expected { #expect(extract(field, text) == value, "\(field)") }
        #expect(extract(.week, "2024-12-30 00:00:00") == 1)
        #expect(extract(.isoYear, "2024-12-30 00:00:00") == 2025)
        #expect(extract(.dayOfYear, "2024-12-31 00:00:00") == 366)
        #expect(extract(.isoYear, "0001-01-01 00:00:00") == 1)
    }
}
