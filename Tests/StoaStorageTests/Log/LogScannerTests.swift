import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// A log of a few batches in one file, written as the core writes it.
struct LogFixture {
    static let id = DatabaseID(high: 1, low: 2)
    static let file = LogFileName(epoch: 4, number: 1)
    var bytes: [UInt8]
    /// Where each record begins, and where the last ends.
    var offsets: [Int] = []

    /// Batches 11, 12, …; each knows the one before it as durable. `marker` ends the file.
    init(batchCount: Int, marker: LogRecordType?) {
        let header = LogFileHeader(
            databaseID: Self.id, name: Self.file, previousLSN: 10, closedByteCount: 0,
            allocatedByteCount: 1_024, previousChecksum: 77)
        bytes = header.encode()
        var writer = LogWriter(
            file: Self.file, chain: LogChain(lsn: 10, checksum: 77), fileByteCountLimit: 1 << 20)
        for index in 0..<batchCount {
            offsets.append(writer.offset)
            let payload = BatchPayload(
                origin: .none, tableID: 1, schemaVersion: 1, columnIDs: [1],
                batch: Bytes([UInt8](repeating: 7, count: 100 + index)))
            writer.append(payload, lsn: UInt64(11 + index), time: 0)
            bytes += writer.takeGroup().bytes
            writer.didWriteGroup()
            if marker != nil || index + 1 < batchCount { writer.durableLSN = UInt64(11 + index) }
        }
        if let marker {
            writer.appendMarker(marker, time: 0)
            bytes += writer.takeGroup().bytes
        }
        offsets.append(writer.offset)
        bytes += [UInt8](repeating: 0, count: 1_024)
    }

    /// What the scanner makes of a file of these bytes.
    static func scan(
        _ bytes: [UInt8], durableLSN: UInt64 = 10
    ) -> Result<(LogScanResult, [UInt64]), StorageError> {
        var image = DiskImage()
        image.setContents(file.path, bytes)
        let scanner = LogScanner(
            disk: SimulatedDisk(image), databaseID: id,
            start: LogPosition(
                file: file, chain: LogChain(lsn: 10, checksum: 77), durableLSN: durableLSN),
            names: [file])
        var found: [UInt64] = []
        do throws(StorageError) {
            let result = try scanner.scan { record throws(StorageError) in
                found.append(record.header.lsn)
            }
            return .success((result, found))
        } catch {
            return .failure(error)
        }
    }
}

@Suite struct LogScannerTests {
    @Test("all records are found, and an orderly end is known")
    func whole() throws {
        let fixture = LogFixture(batchCount: 3, marker: .close)
        let (result, found) = try LogFixture.scan(fixture.bytes).get()
        #expect(found == [11, 12, 13])
        #expect(result.isClosed && result.droppedByteCount == 0 && result.chain.lsn == 13)
    }

    @Test("a last record that was never known to be durable is a torn tail at every cut")
    func tornTail() throws {
        let fixture = LogFixture(batchCount: 3, marker: nil)
        for cut in fixture.offsets[2] + 1..<fixture.offsets[2] + 200 {
            var bytes = fixture.bytes
            for index in cut..<bytes.count { bytes[index] = 0 }
            if bytes == fixture.bytes { continue }
            let (result, found) = try LogFixture.scan(bytes).get()
            #expect(found == [11, 12])
            #expect(result.droppedByteCount > 0 && result.droppedByteCount % 64 == 0)
        }
    }

    @Test("damage of a record that a later one proves durable is refused, and named")
    func damage() {
        let fixture = LogFixture(batchCount: 3, marker: .idle)
        for record in 0..<3 {
            for delta in stride(from: 0, to: 64 + 60, by: 3) {
                var bytes = fixture.bytes
                bytes[fixture.offsets[record] + delta] ^= 0x10
                guard case .failure(.corruptLog(let log)) = LogFixture.scan(bytes) else {
                    Issue.record("record \(record), byte \(delta) was not refused")
                    return
                }
                #expect(log.byteOffset == fixture.offsets[record])
                #expect(log.firstLSN == UInt64(11 + record) && log.lastLSN == 13)
            }
        }
    }

    @Test("a log that ends before what the manifest knows is refused")
    func shortened() {
        let fixture = LogFixture(batchCount: 3, marker: nil)
        var bytes = fixture.bytes
        for index in fixture.offsets[1]..<bytes.count { bytes[index] = 0 }
        #expect((try? LogFixture.scan(bytes).get())?.1 == [11])
        guard case .failure(.corruptLog) = LogFixture.scan(bytes, durableLSN: 12) else {
            Issue.record("lost durable records were taken for a torn tail")
            return
        }
    }

    @Test("no change of any byte is a trap or an unknown record")
    func everyByte() {
        let fixture = LogFixture(batchCount: 3, marker: .close)
        for index in fixture.bytes.indices {
            for value in [fixture.bytes[index] ^ 1, 0, 0xFF] where value != fixture.bytes[index] {
                var bytes = fixture.bytes
                bytes[index] = value
                guard case .success(let found) = LogFixture.scan(bytes) else { continue }
                #expect(found.1 == [11, 12, 13], "byte \(index)")
            }
        }
    }

    @Test("random files of a log are refused or read without a trap")
    func noise() {
        var random = SeededRandom(seed: 3)
        let fixture = LogFixture(batchCount: 2, marker: .idle)
        for _ in 0..<500 {
            var bytes = fixture.bytes
            for _ in 0..<4 {
                let index = Int(random.next() % UInt64(bytes.count))
                bytes[index] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = LogFixture.scan(Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)))))
        }
    }
}
