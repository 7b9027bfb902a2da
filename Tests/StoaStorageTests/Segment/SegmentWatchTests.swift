import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Blocks that change after they were verified: who notices, and when.
@Suite(.timeLimit(.minutes(1))) struct SegmentWatchTests {
    /// A store with a sealed table of one column.
    static func store(
        _ disk: SimulatedDisk, adjust: (inout StoreOptions) -> Void = { _ in }
    ) throws -> (store: Store, table: TableID) {
        var options = StoreOptions()
        options.limits = .tiny
        options.limits.logFileBytes = 1 << 20
        adjust(&options)
        let store = try Store.open(on: disk, options: options)
        let draft = TableDraft(
            name: "t", columns: [TableDraft.Column(name: "n", type: .int64, isNullable: true)])
        let made = Answer<Result<ChangeReceipt, StorageError>>()
        store.createTable(draft) { made.give($0) }
        let table = try made.take().get().tableID
        var random = SeededRandom(seed: 3)
        var builder = ColumnBuilder(name: "n", type: .int64)
        for _ in 0..<2_000 { builder.append(integer: Int64(bitPattern: random.next())) }
        let batch = try RowBatch.decode(Bytes(RowBatch.encode([builder])))
        let stored = Answer<Bool>()
        store.append(batch, to: table, origin: .none) { _ in stored.give(true) }
        _ = stored.take()
        let sealed = Answer<StorageError?>()
        store.sealAll { sealed.give($0) }
        #expect(sealed.take() == nil)
        return (store, table)
    }

    private static func segment(_ store: Store, _ table: TableID) throws -> Segment {
        try #require(store.snapshot().tables[table]?.segments.segments.first)
    }

    /// A byte in the middle of the first block.
    private static func offset(_ segment: Segment, _ disk: SimulatedDisk) throws -> Int {
        let blocks = try SegmentReport.read(segment.filePath, disk: disk).blocks
        return try #require(blocks.first).byteOffset + 70
    }

    @Test("a block is verified again once its file was written to, and is whole again when it is")
    func stamps() throws {
        let disk = SimulatedDisk()
        let (store, table) = try Self.store(disk)
        defer { store.close() }
        let segment = try Self.segment(store, table)
        let block = try #require(store.snapshot().table(table)?.blocks.first)
        _ = try block.open(1, ReadGuard())
        let offset = try Self.offset(segment, disk)
        let before = try #require(disk.changeMapping(segment.filePath, at: offset, to: 0x5A))
        // Nothing tells of it yet.
        _ = try block.open(1, ReadGuard())
        disk.touch(segment.filePath)
        let error = #expect(throws: StorageError.self) { _ = try block.open(1, ReadGuard()) }
        #expect(error?.serviceError.code == .corruptBlock)
        #expect(segment.knownDamages.count == 1)
        _ = disk.changeMapping(segment.filePath, at: offset, to: before)
        disk.touch(segment.filePath)
        _ = try block.open(1, ReadGuard())
        #expect(segment.knownDamages.isEmpty)
    }

    @Test("an answer made of bytes that changed while it was made does not go out")
    func whileReading() throws {
        let disk = SimulatedDisk()
        let (store, table) = try Self.store(disk)
        defer { store.close() }
        let segment = try Self.segment(store, table)
        let block = try #require(store.snapshot().table(table)?.blocks.first)
        let offset = try Self.offset(segment, disk)
        let reads = ReadGuard()
        _ = try block.open(1, reads)
        try reads.check()
        _ = try block.open(1, reads)
        let before = try #require(
            disk.changeMapping(segment.filePath, at: offset, to: 0x5A))
        disk.touch(segment.filePath)
        #expect(throws: StorageError.self) { try reads.check() }
        // Whole again before anybody looked: then nobody knows what was read.
        let others = ReadGuard()
        _ = disk.changeMapping(segment.filePath, at: offset, to: before)
        _ = try block.open(1, others)
        disk.touch(segment.filePath)
        #expect(throws: StorageError.self) { try others.check() }
    }

    @Test("the scrubber finds what changed without a write, and tells of it")
    func scrub() throws {
        let disk = SimulatedDisk()
        let told = Answer<String>()
        let (store, table) = try Self.store(disk) {
            $0.scrubSeconds = 1
            $0.events = EventLog { entry in
                if entry.message == "stored bytes are damaged" { told.give(entry.message) }
            }
        }
        defer { store.close() }
        let segment = try Self.segment(store, table)
        let offset = try Self.offset(segment, disk)
        _ = disk.changeMapping(segment.filePath, at: offset, to: 0x5A)
        #expect(told.take() == "stored bytes are damaged")
        #expect(segment.knownDamages.count == 1)
        let block = try #require(store.snapshot().table(table)?.blocks.first)
        #expect(throws: StorageError.self) {
            let reads = ReadGuard()
            _ = try block.open(1, reads)
            try reads.check()
        }
    }
}
