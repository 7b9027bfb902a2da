import StoaBase
import Testing

@Suite struct ByteCountTextTests {
    @Test("sizes are read with binary suffixes only")
    func parse() {
        #expect(ByteCountText.parse("0") == 0)
        #expect(ByteCountText.parse("4096") == 4_096)
        #expect(ByteCountText.parse("64MiB") == 64 << 20)
        #expect(ByteCountText.parse("2 GiB") == 2 << 30)
        #expect(ByteCountText.parse("12B") == 12)
        for text in ["", "MiB", "64M", "-1KiB", "+1KiB", "1.5GiB", "9999999999TiB", "1 0KiB"] {
            #expect(ByteCountText.parse(text) == nil, "\(text)")
        }
    }

    @Test("what is written is read back")
    func roundTrip() {
        for byteCount in [0, 1, 1_023, 1_024, 1_025, 64 << 20, 3 << 30, 1 << 50] {
            #expect(ByteCountText.parse(ByteCountText.text(byteCount)) == byteCount)
        }
        #expect(ByteCountText.text(64 << 20) == "64MiB")
    }
}
