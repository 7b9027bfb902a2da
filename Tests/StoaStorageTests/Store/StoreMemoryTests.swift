import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Rows that are in no segment count in a budget, and stop coming when it is used up.
@Suite(.serialized) struct StoreMemoryTests {
    /// Nothing but a lack of memory makes segments of memtables.
    static func options(_ memory: MemoryBudget) -> StoreOptions {
        var options = StoreTests.options()
        options.limits.segmentRows = 1 << 20
        options.limits.logFileBytes = 1 << 20
        options.limits.memtableLogBytes = 64 << 20
        options.memory = memory
        return options
    }

    /// Stores a batch as a producer does: again as long as it is refused as overloaded.
    private static func insist(
        _ store: Store, _ id: TableID, _ values: Range<Int64>, sequence: UInt64
    ) throws -> Int {
        let origin = BatchOrigin(
            producerHigh: 1, producerLow: 1, stream: 0, epoch: 1, sequence: sequence)
        let batch = try Numbers.batch(values)
        let deadline = HostClock.monotonicNanoseconds() + 60_000_000_000
        var refusedCount = 0
        while true {
            do {
                _ = try store.store(batch, id, origin)
                return refusedCount
            } catch StorageError.overloaded where HostClock.monotonicNanoseconds() < deadline {
                refusedCount += 1
            }
        }
    }

    @Test("beyond the memory batches are refused, memtables become segments, and no row is lost")
    func backpressure() throws {
        let memory = MemoryBudget(byteCountLimit: 100_000)
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: Self.options(memory))
        let id = try store.create("t", Numbers.columns)
        var refusedCount = 0
        for part in Int64(0)..<120 {
            refusedCount += try Self.insist(
                store, id, part * 500..<part * 500 + 500, sequence: UInt64(part) + 1)
        }
        #expect(refusedCount > 0)
        // A batch that was let in may pass the limit by what its rows take.
        #expect(memory.peakByteCount > 80_000 && memory.peakByteCount < 125_000)
        #expect(try store.numbers(id) == (0..<60_000).map { Int64($0) })
        let segmentCount = store.snapshot().tables[id]?.segments.segments.count ?? 0
        #expect(segmentCount > 3)
        try store.seal()
        // The sealer lets go of the last memtable a moment after it has answered.
        let deadline = HostClock.monotonicNanoseconds() + 30_000_000_000
        while memory.reservedByteCount > 0, HostClock.monotonicNanoseconds() < deadline {}
        #expect(memory.reservedByteCount == 0)
        _ = try store.store(try Numbers.batch([7]), id)
        let held = memory.reservedByteCount
        #expect(held > 0)
        store.close()
        // What recovery puts back into memory counts too.
        let after = MemoryBudget(byteCountLimit: 100_000)
        let again = try Store.open(on: disk, options: Self.options(after))
        #expect(after.reservedByteCount == held)
        #expect(try again.numbers(id).count == 60_001)
        again.close()
    }

    @Test("a batch that is larger than all memory is stored while nothing else is held")
    func largeBatch() throws {
        let memory = MemoryBudget(byteCountLimit: 1_000)
        let store = try Store.open(on: SimulatedDisk(), options: Self.options(memory))
        let id = try store.create("t", Numbers.columns)
        for part in Int64(0)..<4 {
            _ = try Self.insist(
                store, id, part * 900..<part * 900 + 900, sequence: UInt64(part) + 1)
        }
        #expect(try store.numbers(id) == (0..<3_600).map { Int64($0) })
        store.close()
    }

    @Test("memory that queries hold is missing for rows, until it is given back")
    func shared() throws {
        let process = MemoryBudget(byteCountLimit: 200_000)
        let memory = MemoryBudget(byteCountLimit: 100_000, parent: process)
        let store = try Store.open(on: SimulatedDisk(), options: Self.options(memory))
        let id = try store.create("t", Numbers.columns)
        _ = try store.store(try Numbers.batch(0..<10), id)
        try process.reserve(process.byteCountLimit - process.reservedByteCount)
        #expect(throws: StorageError.overloaded(retryAfterMilliseconds: 100)) {
            _ = try store.store(try Numbers.batch(10..<20), id)
        }
        process.release(150_000)
        _ = try store.store(try Numbers.batch(10..<20), id)
        #expect(try store.numbers(id) == (0..<20).map { Int64($0) })
        store.close()
    }

    @Test("a load that is short of memory makes smaller segments of the same rows")
    func load() throws {
        var options = BulkBuilder.Options(limits: .tiny)
        options.limits.segmentRows = 1 << 20
        let memory = MemoryBudget(byteCountLimit: 600_000)
        options.memory = memory
        let disk = try SegmentTests.disk()
        let numbers = BulkBuilderTests.Numbers()
        let builder = BulkBuilder(
            definition: Fixture.everyType, disk: disk, options: options,
            nextSegmentID: { numbers.next() })
        for start in stride(from: 0, to: 9_000, by: 500) {
            try builder.append(Fixture.batch(rows: start..<start + 500, seed: 3))
        }
        let descriptors = try builder.finish(expectedRowCount: 9_000)
        #expect((2...17).contains(descriptors.count))
        #expect(memory.peakByteCount < 1_200_000)
        let segments = try descriptors.map {
            try Segment.open($0, definition: Fixture.everyType, disk: disk)
        }
        let table = try #require(
            Fixture.snapshot(segments, [], generation: 1).table(Fixture.everyType.id))
        #expect(try Fixture.firstDifference(table, seed: 3) == nil)
    }
}
