import StoaBase
import StoaModel
import StoaStorage
import Testing

@Suite struct MemtableTests {
    @Test(
        "a snapshot of the memtable gives back every value of every type",
        arguments: [1, 1_023, 1_024, 1_025, 5_000])
    func roundTrip(rowCount: Int) throws {
        for limits in [Limits.tiny, Limits()] {
            let memtable = try Fixture.memtable(
                rowCount: rowCount, batchRows: 700, limits: limits)
            let snapshot = Fixture.snapshot([], [memtable], generation: .max)
            let table = try #require(snapshot.table(Fixture.everyType.id))
            #expect(table.rowCount == rowCount)
            #expect(try Fixture.firstDifference(table, seed: 1) == nil)
        }
    }

    @Test("a snapshot shows the batches up to its number and none after")
    func prefix() throws {
        let memtable = try Fixture.memtable(rowCount: 5_000, batchRows: 300, limits: .tiny)
        #expect(memtable.firstLSN == 1)
        #expect(memtable.lastLSN == 17)
        for generation in UInt64(0)...18 {
            let snapshot = Fixture.snapshot([], [memtable], generation: generation)
            let table = try #require(snapshot.table(Fixture.everyType.id))
            #expect(table.rowCount == min(5_000, Int(generation) * 300))
            #expect(try Fixture.firstDifference(table, seed: 1) == nil)
        }
    }

    @Test("rows that were visible stay as they were while more are appended")
    func concurrentReader() throws {
        let memtable = Memtable(definition: Fixture.everyType, limits: .tiny)
        let batches = try (0..<40).map {
            try Fixture.batch(rows: $0 * 250..<$0 * 250 + 250, seed: 1)
        }
        let published = Published()
        let writer = Thread(name: "writer") {
            for (index, batch) in batches.enumerated() {
                try? memtable.append(batch, lsn: UInt64(index + 1))
                published.set(UInt64(index + 1))
            }
        }
        var generation: UInt64 = 0
        while generation < 40 {
            generation = published.get()
            let snapshot = Fixture.snapshot([], [memtable], generation: generation)
            let table = try #require(snapshot.table(Fixture.everyType.id))
            #expect(table.rowCount == Int(generation) * 250)
            #expect(try Fixture.firstDifference(table, seed: 1) == nil)
        }
        writer.join()
    }

    /// The newest number, handed over as a store hands over its snapshot.
    private final class Published: @unchecked Sendable {
        // SAFETY: the number is touched only under the lock.
        private let lock = Lock()
        private var number: UInt64 = 0
        func set(_ value: UInt64) { lock.withLock { number = value } }
        func get() -> UInt64 { lock.withLock { number } }
    }
}
