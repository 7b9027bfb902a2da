import StoaBase
import StoaModel
import Testing

@Suite struct TimeTextTests {
    @Test("accepted spellings of one moment mean the same microsecond")
    func spellings() {
        let noon: Int64 = 1_735_732_800_500_000
        for text in [
            "2025-01-01 12:00:00.5", "2025-01-01T12:00:00.500Z", "2025-01-01t12:00:00,5z",
            "2025-01-01 12:00:00.500000000", "2025-01-01T14:00:00.5+02:00",
            "2025-01-01T06:30:00.5-0530", "2025-01-01T13:00:00.5+01",
        ] {
            #expect(timestamp(text) == noon, "\(text)")
        }
        #expect(timestamp("2025-01-01") == 1_735_689_600_000_000)
        #expect(timestamp("2025-01-01 07:05") == 1_735_715_100_000_000)
    }

    @Test("what is no timestamp is refused")
    func refused() {
        for text in [
            "", "2025", "2025-1-1", "2025-02-30", "2025-01-01 24:00:00", "2025-01-01 12:60:00",
            "2025-01-01 12:00:60", "2025-01-01 12:00:00.1234567", "2025-01-01 12:00:00.",
            "2025-01-01X12:00:00", "2025-01-01 12:00:00 ", "2025-01-01 12:00:00+1",
            "2025-01-01 12:00:00+19:00", "0001-01-01 00:00:00+01:00", "+2025-01-01",
        ] {
            #expect(timestamp(text) == nil, "\(text)")
        }
        #expect(date("2025-01-01 00:00:00") == nil)
    }

    @Test("what is written can be read back", arguments: UInt64(0)..<4)
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var moments = [CivilTime.firstMicrosecond, CivilTime.lastMicrosecond, 0, -1, 999_999]
        for _ in 0..<500 {
            moments.append(
                Int64.random(
                    in: CivilTime.firstMicrosecond...CivilTime.lastMicrosecond, using: &random))
        }
        for moment in moments {
            for isRFC3339 in [false, true] {
                var text: [UInt8] = []
                TimeText.append(timestamp: moment, isRFC3339: isRFC3339, to: &text)
                #expect(text.withUnsafeBytes { TimeText.parseTimestamp($0) } == moment)
            }
        }
    }

    @Test("fractions lose trailing zeros only")
    func fractions() {
        var text: [UInt8] = []
        TimeText.append(timestamp: 1_735_689_600_005_000, isRFC3339: false, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == "2025-01-01 00:00:00.005")
        text = []
        TimeText.append(timestamp: 0, isRFC3339: true, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == "1970-01-01T00:00:00Z")
    }

    private func timestamp(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBytes { TimeText.parseTimestamp($0) }
    }

    private func date(_ text: String) -> Int32? {
        Array(text.utf8).withUnsafeBytes { TimeText.parseDate($0) }
    }
}
