import StoaBase
import Testing

@Suite struct ByteReaderTests {
    @Test("fields come back in the order they were written")
    func roundTrip() throws {
        var writer = ByteWriter()
        writer.append(UInt8(7))
        writer.append(Int64.min)
        writer.appendShortString("naïve")
        writer.align(to: 8)
        writer.append(Int128.max)
        var reader = ByteReader(Bytes(writer.bytes))
        #expect(try reader.read(UInt8.self) == 7)
        #expect(try reader.read(Int64.self) == .min)
        #expect(try reader.readShortString() == "naïve")
        try reader.skip(reader.offset % 8 == 0 ? 0 : 8 - reader.offset % 8)
        #expect(try reader.read(Int128.self) == .max)
        #expect(reader.remainingByteCount == 0)
    }

    @Test("a field past the end is refused, and says where and how much")
    func pastTheEnd() {
        var reader = ByteReader(Bytes([1, 2, 3]), at: 1)
        #expect(throws: EndOfBytes(offset: 1, neededByteCount: 4, foundByteCount: 2)) {
            try reader.read(UInt32.self)
        }
        #expect(throws: EndOfBytes.self) { try reader.readBytes(-1) }
        #expect(throws: EndOfBytes.self) { try reader.skip(.max) }
        #expect(reader.offset == 1)
    }

    @Test("a short string that is no UTF-8 is nil, not a trap")
    func notUTF8() throws {
        var reader = ByteReader(Bytes([2, 0, 0xFF, 0xFE]))
        #expect(try reader.readShortString() == nil)
    }

    @Test("a slice shares the memory of the whole and outlives it")
    func slices() {
        var slice = Bytes.empty
        do {
            let whole = Bytes((0..<64).map { UInt8($0) })
            #expect(UInt(bitPattern: whole.pointer) % 64 == 0)
            slice = whole[8..<16]
        }
        #expect(slice.array == Array(8..<16))
        #expect(slice.integer(at: 1, as: UInt16.self) == 0x0A09)
    }

    @Test("an access outside the bytes stops the process instead of reading")
    func trap() async {
        await #expect(processExitsWith: .failure) {
            _ = Bytes([1, 2, 3]).integer(at: 1, as: UInt32.self)
        }
    }
}
