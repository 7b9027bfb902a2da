import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Columns that come, go and change their names while rows come in.
@Suite struct ColumnChangeTests {
    /// A batch of INT64 columns: `number * 10 + position` in row 0, then counting up.
    static func batch(_ number: Int64, _ names: String..., rowCount: Int64 = 2) throws -> RowBatch {
        let columns = names.enumerated().map { position, name in
            var column = ColumnBuilder(name: name, type: .int64)
            for row in 0..<rowCount { column.append(integer: number * 10 + Int64(position) + row) }
            return column
        }
        return try RowBatch.decode(Bytes(RowBatch.encode(columns)))
    }

    /// All rows of a table, cell by cell in the order of its columns.
    static func rows(_ store: Store, _ id: TableID) throws -> [[Int64?]] {
        let table = try #require(store.snapshot().table(id))
        let scratch = VectorScratch()
        var rows: [[Int64?]] = []
        for block in table.blocks {
            let first = rows.count
            rows += Array(repeating: [], count: block.rowCount)
            for column in table.definition.columns {
                let vector = try block.open(column.id).read(
                    firstRow: 0, rowCount: block.rowCount, into: scratch)
                for row in 0..<block.rowCount {
                    switch Fixture.cell(vector, row, type: .int64) {
                    case .integer(let value): rows[first + row].append(Int64(value))
                    default: rows[first + row].append(nil)
                    }
                }
            }
        }
        return rows
    }

    static let columns = ["a", "b"].map { TableDraft.Column(name: $0, type: .int64) }

    @Test("added, dropped and renamed columns read right, sealed or not, also after a cut")
    func columns() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Self.columns)
        _ = try store.store(try Self.batch(1, "a", "b"), id)
        try store.alter(.addColumn(id, .init(name: "c", type: .int64), ifNotExists: false))
        _ = try store.store(try Self.batch(2, "a", "b", "c"), id)
        _ = try store.store(try Self.batch(3, "b"), id)
        try store.alter(.dropColumn(id, columnID: 1))
        try store.alter(.renameColumn(id, columnID: 3, to: "a"))
        _ = try store.store(try Self.batch(4, "a", "b"), id)
        let expected: [[Int64?]] = [
            [11, nil], [12, nil], [21, 22], [22, 23], [30, nil], [31, nil], [41, 40], [42, 41],
        ]
        #expect(try Self.rows(store, id) == expected)
        let cut = SimulatedDisk(disk.contents)
        try store.seal()
        #expect(try Self.rows(store, id) == expected)
        store.close()
        for image in [SimulatedDisk(disk.contents), cut] {
            let store = try Store.open(on: image, options: StoreTests.options())
            #expect(try Self.rows(store, id) == expected)
            try store.seal()
            #expect(try Self.rows(store, id) == expected)
            #expect(store.snapshot().table(id)?.definition.schemaVersion == 4)
            store.close()
            #expect(StoreCheck.run(on: SimulatedDisk(image.contents)).isIntact)
        }
    }

    @Test("a column's id is never given out twice, also after a restart")
    func ids() throws {
        let disk = SimulatedDisk()
        var store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Self.columns)
        _ = try store.store(try Self.batch(1, "a", "b"), id)
        for expected: UInt32 in 3...5 {
            try store.alter(.addColumn(id, .init(name: "c", type: .int64), ifNotExists: false))
            let added = try #require(store.snapshot().table(id)?.definition.columns.last)
            #expect(added.id == expected)
            try store.alter(.dropColumn(id, columnID: added.id))
            store.close()
            store = try Store.open(on: disk, options: StoreTests.options())
        }
        #expect(try Self.rows(store, id) == [[10, 11], [11, 12]])
        store.close()
    }

    @Test("what a change cannot do is refused with its reason, and changes nothing")
    func refusals() throws {
        let store = try Store.open(on: SimulatedDisk(), options: StoreTests.options())
        let id = try store.create("t", Self.columns)
        let before = store.snapshot().generation
        let refused: [(TableChange, ErrorCode)] = [
            (.addColumn(id, .init(name: "A", type: .int64), ifNotExists: false), .duplicateColumn),
            (
                .addColumn(
                    id, .init(name: "c", type: .int64, isNullable: false), ifNotExists: true),
                .notSupported
            ),
            (.addColumn(id, .init(name: "", type: .int64), ifNotExists: false), .badName),
            (.addColumn(99, .init(name: "c", type: .int64), ifNotExists: false), .unknownTable),
            (.dropColumn(id, columnID: 9), .unknownColumn),
            (.renameColumn(id, columnID: 1, to: "B"), .duplicateColumn),
            (.truncate(99), .unknownTable),
        ]
        for (change, code) in refused {
            let error = #expect(throws: StorageError.self) { try store.alter(change) }
            #expect(error?.serviceError.code == code)
        }
        try store.alter(.addColumn(id, .init(name: "B", type: .string), ifNotExists: true))
        #expect(store.snapshot().generation == before)
        try store.alter(.dropColumn(id, columnID: 1))
        let error = #expect(throws: StorageError.self) {
            try store.alter(.dropColumn(id, columnID: 2))
        }
        #expect(error?.serviceError.code == .notSupported)
        store.close()
    }

    @Test("a batch for older columns: stored once if it was, refused by name if it cannot be")
    func olderBatches() throws {
        let store = try Store.open(on: SimulatedDisk(), options: StoreTests.options())
        let id = try store.create("t", Self.columns)
        func origin(_ sequence: UInt64) -> BatchOrigin {
            BatchOrigin(producerHigh: 1, producerLow: 1, stream: 0, epoch: 1, sequence: sequence)
        }
        let first = try store.store(try Self.batch(1, "a", "b"), id, origin(1))
        try store.alter(.dropColumn(id, columnID: 2))
        let again = try store.store(try Self.batch(1, "a", "b"), id, origin(1))
        #expect(again.isDuplicate && again.lsn == first.lsn)
        #expect(throws: StorageError.unknownColumn("b")) {
            _ = try store.store(try Self.batch(2, "a", "b"), id, origin(2))
        }
        _ = try store.store(try Self.batch(2, "a"), id, origin(2))
        #expect(try Self.rows(store, id) == [[10], [11], [20], [21]])
        store.close()
    }

    @Test("a load that was open across a change brings the columns it had")
    func loads() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Self.columns)
        let load = try store.openBulk(.existing(id), label: nil)
        try load.append(try Self.batch(1, "a", "b"))
        try store.alter(.dropColumn(id, columnID: 1))
        try store.alter(.addColumn(id, .init(name: "a", type: .string), ifNotExists: false))
        try store.alter(.truncate(id))
        try load.append(try Self.batch(2, "a", "b"))
        _ = try load.commit(expectedRowCount: 4)
        let expected: [[Int64?]] = [[11, nil], [12, nil], [21, nil], [22, nil]]
        #expect(try Self.rows(store, id) == expected)
        store.close()
        let reopened = try Store.open(on: disk, options: StoreTests.options())
        #expect(try Self.rows(reopened, id) == expected)
        reopened.close()
    }

    @Test("TRUNCATE takes all rows, leaves columns, labels and producers, and holds after a cut")
    func truncate() throws {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Self.columns)
        let origin = BatchOrigin(
            producerHigh: 1, producerLow: 1, stream: 0, epoch: 1, sequence: 1)
        let batch = try Self.batch(1, "a", "b", rowCount: 1_000)
        _ = try store.store(batch, id, origin)
        try store.seal()
        let load = try store.openBulk(.existing(id), label: "x")
        try load.append(try Self.batch(2, "a", "b"))
        _ = try load.commit(expectedRowCount: 2)
        _ = try store.store(try Self.batch(3, "a", "b"), id)
        let before = store.snapshot()
        try store.alter(.truncate(id))
        #expect(try Self.rows(store, id) == [])
        #expect(before.table(id)?.rowCount == 1_004)
        #expect(try store.store(batch, id, origin).isDuplicate)
        #expect(throws: StorageError.duplicateLabel("x")) {
            _ = try store.openBulk(.existing(id), label: "x")
        }
        _ = try store.store(try Self.batch(4, "a", "b"), id)
        let cut = SimulatedDisk(disk.contents)
        store.close()
        for image in [SimulatedDisk(disk.contents), cut] {
            let store = try Store.open(on: image, options: StoreTests.options())
            #expect(try Self.rows(store, id) == [[40, 41], [41, 42]])
            #expect(try store.store(batch, id, origin).isDuplicate)
            try store.seal()
            #expect(try Self.rows(store, id) == [[40, 41], [41, 42]])
            #expect(try image.list("seg").count == 1)
            store.close()
        }
    }
}

extension Store {
    func alter(_ change: TableChange) throws {
        let answer = Answer<Result<ChangeReceipt, StorageError>>()
        self.change(change) { answer.give($0) }
        _ = try answer.take().get()
    }
}
