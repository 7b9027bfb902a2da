import StoaBase
import StoaModel
import StoaStorage
import Testing

@Suite struct LogCodecTests {
    static let header = LogRecordHeader(
        type: .batch, payloadByteCount: 3, payloadChecksum: 0xAABB_CCDD, lsn: 9, previousLSN: 7,
        durableLSN: 6, epoch: 2, previousChecksum: 0x1122_3344, time: 1_700_000_000_000_000)

    static func encoded() -> [UInt8] {
        var output = ByteWriter()
        header.encode(into: &output)
        return output.bytes
    }

    @Test("a record header is read as written, and these are its bytes")
    func golden() {
        let bytes = Self.encoded()
        #expect(LogRecordHeader.decode(Bytes(bytes)) == Self.header)
        let expected: [UInt8] = [
            0x53, 0x52, 0x45, 0x43, 1, 0, 1, 0, 3, 0, 0, 0, 0xDD, 0xCC, 0xBB, 0xAA,
            9, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
            6, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x44, 0x33, 0x22, 0x11,
            0x00, 0x40, 0x1E, 0x18, 0x24, 0x0A, 0x06, 0x00, 0, 0, 0, 0,
        ]
        #expect(Array(bytes.prefix(60)) == expected)
        #expect(Checksum.crc32c(expected) == Bytes(bytes).integer(at: 60, as: UInt32.self))
    }

    @Test("every cut and every flipped bit of a record header is refused")
    func headerDamage() {
        let bytes = Self.encoded()
        for count in bytes.indices {
            #expect(LogRecordHeader.decode(Bytes(Array(bytes[..<count]))) == nil)
        }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(LogRecordHeader.decode(Bytes(damaged)) == nil)
        }
    }

    @Test("every flipped bit of a file header is refused; zeros are a file never used")
    func fileHeader() {
        let header = LogFileHeader(
            databaseID: DatabaseID(high: 1, low: 2), name: LogFileName(epoch: 3, number: 4),
            previousLSN: 5, closedByteCount: 6, allocatedByteCount: 8, previousChecksum: 7)
        let bytes = header.encode()
        #expect(LogFileHeader.read(Bytes(bytes)) == .header(header))
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(LogFileHeader.read(Bytes(damaged)) == .invalid)
        }
        #expect(LogFileHeader.read(Bytes([UInt8](repeating: 0, count: 100))) == .unused)
        #expect(LogFileHeader.read(Bytes(Array(bytes.prefix(30)))) == .invalid)
    }

    @Test("log file names are sixteen fixed hexadecimal digits, and nothing else is one")
    func names() {
        let name = LogFileName(epoch: 0x1F, number: 255)
        #expect(name.path == "wal/0000001f-000000ff")
        #expect(LogFileName("0000001f-000000ff") == name)
        for wrong in ["1f-ff", "0000001F-000000ff", "0000001f-000000ff.tmp", "", "-", "x"] {
            #expect(LogFileName(wrong) == nil)
        }
    }

    @Test("a payload is read as written; cut or random ones never trap")
    func payload() {
        let payload = BatchPayload(
            origin: BatchOrigin(
                producerHigh: 1, producerLow: 2, stream: 3, epoch: 4, sequence: 5),
            tableID: 6, schemaVersion: 7, columnIDs: [8, 9, 10], batch: Bytes([1, 2, 3]))
        var output = ByteWriter()
        payload.encode(into: &output)
        let bytes = output.bytes
        #expect(bytes.count == payload.byteCount)
        let read = BatchPayload.decode(Bytes(bytes))
        #expect(read?.origin == payload.origin && read?.columnIDs == [8, 9, 10])
        #expect(read?.batch.array == [1, 2, 3])
        for count in 0..<64 { #expect(BatchPayload.decode(Bytes(Array(bytes[..<count]))) == nil) }
        var random = SeededRandom(seed: 5)
        for _ in 0..<2_000 {
            let noise = (0..<Int(random.next() % 200)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            _ = BatchPayload.decode(Bytes(noise))
            _ = LogRecordHeader.decode(Bytes(noise))
            _ = LogFileHeader.read(Bytes(noise))
        }
    }
}
