import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct BulkBuilderTests {
    /// Numbers from 1 for segments, taken by any thread.
    final class Numbers: @unchecked Sendable {
        // SAFETY: the number is touched only under the lock.
        private let lock = Lock()
        private var last: UInt64 = 0
        func next() -> UInt64 {
            lock.withLock {
                last += 1
                return last
            }
        }
    }

    static func builder(_ disk: any Disk, isConcurrent: Bool) -> BulkBuilder {
        var options = BulkBuilder.Options(limits: .tiny)
        options.isConcurrent = isConcurrent
        let numbers = Numbers()
        return BulkBuilder(
            definition: Fixture.everyType, disk: disk, options: options,
            nextSegmentID: { numbers.next() })
    }

    @Test("a load gives back every row in the order of its batches", arguments: [true, false])
    func roundTrip(isConcurrent: Bool) throws {
        for rowCount in [1, 2_047, 2_048, 2_049, 9_000] {
            let disk = try SegmentTests.disk()
            let builder = Self.builder(disk, isConcurrent: isConcurrent)
            for start in stride(from: 0, to: rowCount, by: 777) {
                try builder.append(
                    Fixture.batch(rows: start..<min(start + 777, rowCount), seed: 3))
            }
            let descriptors = try builder.finish(expectedRowCount: rowCount)
            #expect(descriptors.count == (rowCount + 2_047) / 2_048)
            let segments = try descriptors.map {
                try Segment.open($0, definition: Fixture.everyType, disk: disk)
            }
            let table = try #require(
                Fixture.snapshot(segments, [], generation: 1).table(Fixture.everyType.id))
            #expect(try Fixture.firstDifference(table, seed: 3) == nil)
            #expect(try disk.list(SegmentID.directory).count == descriptors.count)
        }
    }

    @Test("an aborted load leaves no file", arguments: [true, false])
    func abort(isConcurrent: Bool) throws {
        let disk = try SegmentTests.disk()
        let builder = Self.builder(disk, isConcurrent: isConcurrent)
        for part in 0..<10 {
            try builder.append(Fixture.batch(rows: part * 500..<part * 500 + 500, seed: 3))
        }
        builder.abort()
        #expect(try disk.list(SegmentID.directory).isEmpty)
    }

    @Test("a load with other rows than its sender counted is refused and leaves no file")
    func rowCount() throws {
        let disk = try SegmentTests.disk()
        let builder = Self.builder(disk, isConcurrent: true)
        try builder.append(Fixture.batch(rows: 0..<5_000, seed: 3))
        #expect(throws: StorageError.rowCountMismatch(expected: 4_999, found: 5_000)) {
            try builder.finish(expectedRowCount: 4_999)
        }
        #expect(try disk.list(SegmentID.directory).isEmpty)
    }

    @Test("a load that meets an error of the disk at any call reports it and leaves no file")
    func failingDisk() throws {
        var failureCount = 0
        for call in 2..<200 {
            let disk = try SegmentTests.disk()
            let builder = Self.builder(disk, isConcurrent: false)
            disk.failOperation(call, errno: 28)
            do {
                try builder.append(Fixture.batch(rows: 0..<4_500, seed: 3))
                _ = try builder.finish()
            } catch {
                failureCount += 1
                disk.stopFailing()
                builder.abort()
                #expect(error is StorageError)
                #expect(try disk.list(SegmentID.directory).isEmpty)
                continue
            }
            break
        }
        #expect(failureCount > 15)
    }
}
