import StoaBase
import StoaModel
import Testing

@Suite struct CivilTimeTests {
    @Test("every day of the calendar maps to its number and back, in order")
    func everyDay() {
        var expected = CivilTime.firstDay
        for year in [1, 1582, 1600, 1899, 1900, 1970, 1999, 2000, 2023, 2024, 9_999] {
            guard let start = CivilTime.days(.init(year: year, month: 1, day: 1)) else {
                Issue.record("1 January of \(year) is a day")
                continue
            }
            expected = start
            for month in 1...12 {
                for day in 1...CivilTime.dayCount(year: year, month: month) {
                    let civil = CivilTime.Day(year: year, month: month, day: day)
                    #expect(CivilTime.days(civil) == expected)
                    #expect(CivilTime.day(expected) == civil)
                    expected += 1
                }
            }
        }
        #expect(expected - 1 == CivilTime.lastDay)
    }

    @Test("days that the calendar does not have are refused")
    func noSuchDay() {
        for (year, month, day) in [
            (2023, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 0, 1), (2024, 4, 31), (0, 1, 1),
            (10_000, 1, 1), (2024, 1, 0),
        ] {
            #expect(CivilTime.days(.init(year: year, month: month, day: day)) == nil)
        }
        #expect(CivilTime.days(.init(year: 1, month: 1, day: 1)) == CivilTime.firstDay)
    }

    @Test("a moment before 1970 splits into an earlier day and a time from its midnight")
    func negative() {
        let (days, time) = CivilTime.split(microseconds: -1)
        #expect(days == -1)
        #expect(time == CivilTime.microsecondsPerDay - 1)
    }
}
