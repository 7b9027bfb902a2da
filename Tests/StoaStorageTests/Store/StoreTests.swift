import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Waits for one completion of the store; for tests only, a few milliseconds.
final class Answer<Value: Sendable>: @unchecked Sendable {
    // SAFETY: `value` is touched only while `lock` is held.
    private let lock = Lock()
    private let isThere: Condition
    private var value: Value?

    init() { isThere = Condition(guardedBy: lock) }

    func give(_ value: Value) {
        lock.withLock { self.value = value }
        isThere.signal()
    }

    func take() -> Value {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let value { return value }
            isThere.wait()
        }
    }
}

/// Blocking calls over a store.
extension Store {
    func create(_ name: String, _ columns: [TableDraft.Column]) throws -> TableID {
        let answer = Answer<Result<ChangeReceipt, StorageError>>()
        createTable(TableDraft(name: name, columns: columns)) { answer.give($0) }
        return try answer.take().get().tableID
    }

    func drop(_ id: TableID) throws {
        let answer = Answer<Result<ChangeReceipt, StorageError>>()
        dropTable(id) { answer.give($0) }
        _ = try answer.take().get()
    }

    func rename(_ id: TableID, _ name: String) throws {
        let answer = Answer<Result<ChangeReceipt, StorageError>>()
        renameTable(id, to: name) { answer.give($0) }
        _ = try answer.take().get()
    }

    func store(
        _ batch: RowBatch, _ id: TableID, _ origin: BatchOrigin = .none
    ) throws -> AppendReceipt {
        let answer = Answer<Result<AppendReceipt, StorageError>>()
        append(batch, to: id, origin: origin) { answer.give($0) }
        return try answer.take().get()
    }

    func seal() throws {
        let answer = Answer<StorageError?>()
        sealAll { answer.give($0) }
        if let error = answer.take() { throw error }
    }

    /// All values of the only column of a table, in row order.
    func numbers(_ id: TableID) throws -> [Int64] {
        try Numbers.read(try #require(snapshot().table(id)))
    }
}

/// A table of one INT64 column.
enum Numbers {
    static let columns = [TableDraft.Column(name: "n", type: .int64)]

    static func batch(_ values: some Sequence<Int64>) throws -> RowBatch {
        var column = ColumnBuilder(name: "n", type: .int64)
        for value in values { column.append(integer: value) }
        return try RowBatch.decode(Bytes(RowBatch.encode([column])))
    }

    static func read(_ table: TableSnapshot) throws -> [Int64] {
        let scratch = VectorScratch()
        var values: [Int64] = []
        for block in table.blocks {
            let reader = try block.open(1)
            for first in stride(from: 0, to: block.rowCount, by: Limits.batchRows) {
                let vector = reader.read(
                    firstRow: first, rowCount: min(Limits.batchRows, block.rowCount - first),
                    into: scratch)
                guard case .integers(let numbers) = vector.content else { continue }
                for row in 0..<vector.rowCount { values.append(value(numbers, row)) }
            }
        }
        #expect(values.count == table.rowCount)
        return values
    }

    private static func value(_ numbers: Vector.Integers, _ row: Int) -> Int64 {
        let number: UInt64 =
            switch numbers.lane {
            case .constant: 0
            case .u8: UInt64(numbers.values.load(fromByteOffset: row, as: UInt8.self))
            case .u16: UInt64(numbers.values.load(fromByteOffset: row * 2, as: UInt16.self))
            case .u32: UInt64(numbers.values.load(fromByteOffset: row * 4, as: UInt32.self))
            case .u64: numbers.values.load(fromByteOffset: row * 8, as: UInt64.self)
            }
        return numbers.base &+ numbers.multiplier &* Int64(bitPattern: number)
    }
}

@Suite struct StoreTests {
    static func options() -> StoreOptions {
        var options = StoreOptions()
        options.limits = .tiny
        options.processID = 42
        options.databaseID = DatabaseID(high: 1, low: 2)
        return options
    }

    @Test("rows, tables and loads are there again after a close and after a cut")
    func reopen() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: Self.options())
        #expect(store.report.isNew)
        let a = try store.create("a", Numbers.columns)
        let b = try store.create("b", Numbers.columns)
        for start in stride(from: Int64(0), to: 9_000, by: 300) {
            let receipt = try store.store(try Numbers.batch(start..<start + 300), a)
            #expect(receipt.generation >= receipt.lsn)
        }
        _ = try store.store(try Numbers.batch([7]), b)
        try store.rename(b, "c")
        let load = try store.openBulk(
            .create(TableDraft(name: "d", columns: Numbers.columns)), label: "first")
        try load.append(try Numbers.batch(0..<5_000))
        #expect(try load.commit(expectedRowCount: 5_000).rowCount == 5_000)
        #expect(throws: StorageError.duplicateLabel("first")) {
            _ = try store.openBulk(.existing(load.definition.id), label: "first")
        }
        let wrong = try store.openBulk(.existing(load.definition.id), label: "second")
        try wrong.append(try Numbers.batch(0..<5))
        #expect(throws: StorageError.rowCountMismatch(expected: 6, found: 5)) {
            _ = try wrong.commit(expectedRowCount: 6)
        }
        let cut = SimulatedDisk(disk.contents)
        store.close()

        for (index, image) in [SimulatedDisk(disk.contents), cut].enumerated() {
            let store = try Store.open(on: image, options: Self.options())
            #expect(store.report.wasClosed == (index == 0))
            #expect(try store.numbers(a) == Array(0..<9_000))
            #expect(try store.numbers(b) == [7])
            #expect(try store.numbers(load.definition.id) == Array(0..<5_000))
            #expect(store.snapshot().catalog.tables.map(\.name) == ["a", "c", "d"])
            try store.drop(a)
            try store.seal()
            #expect(store.snapshot().table(a) == nil)
            #expect(try store.numbers(b) == [7])
            store.close()
        }
    }

    @Test("every batch of a producer is stored once, whatever is sent again")
    func producers() throws {
        let disk = SimulatedDisk()
        var store = try Store.open(on: disk, options: Self.options())
        let id = try store.create("a", Numbers.columns)
        func origin(_ sequence: UInt64, epoch: UInt32 = 1) -> BatchOrigin {
            BatchOrigin(
                producerHigh: 9, producerLow: 9, stream: 1, epoch: epoch, sequence: sequence)
        }
        #expect(throws: StorageError.unknownProducer(sequence: 2)) {
            _ = try store.store(try Numbers.batch([2]), id, origin(2))
        }
        let first = try store.store(try Numbers.batch([1]), id, origin(1))
        #expect(throws: StorageError.sequenceGap(expected: 2, found: 3)) {
            _ = try store.store(try Numbers.batch([3]), id, origin(3))
        }
        _ = try store.store(try Numbers.batch([2]), id, origin(2, epoch: 2))
        #expect(throws: StorageError.fenced(currentEpoch: 2)) {
            _ = try store.store(try Numbers.batch([3]), id, origin(3))
        }
        for _ in 0..<2 {
            let receipt = try store.store(try Numbers.batch([1]), id, origin(1, epoch: 2))
            #expect(receipt.isDuplicate && receipt.lsn == first.lsn)
            #expect(throws: StorageError.sequenceReused(sequence: 2)) {
                _ = try store.store(try Numbers.batch([9]), id, origin(2, epoch: 2))
            }
            #expect(try store.numbers(id) == [1, 2])
            store.close()
            store = try Store.open(on: disk, options: Self.options())
        }
        store.close()
    }

    @Test("a second store on the directory is refused and named the holder")
    func inUse() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: Self.options())
        let before = disk.contents
        #expect(throws: StorageError.directoryInUse(processID: 42)) {
            _ = try Store.open(on: disk, options: Self.options())
        }
        #expect(disk.contents.isSame(as: before))
        store.close()
        try Store.open(on: disk, options: Self.options()).close()
    }

    @Test("a closed store refuses requests and closes twice")
    func closed() throws {
        let store = try Store.open(on: SimulatedDisk(), options: Self.options())
        let id = try store.create("a", Numbers.columns)
        store.close()
        store.close()
        #expect(throws: StorageError.shuttingDown) {
            _ = try store.store(try Numbers.batch([1]), id)
        }
    }
}
