import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit

/// A database small enough to damage each of its bytes: two tables, sealed rows and rows in the
/// log, every kind of file, closed as it should be.
enum SmallDatabase {
    static var options: StoreOptions {
        var options = StoreOptions()
        options.limits = .tiny
        options.limits.logFileBytes = 8 << 10
        options.limits.reserveBytes = 1 << 10
        options.databaseID = DatabaseID(high: 1, low: 2)
        options.processID = 1
        return options
    }

    static let rowCount = 350

    private static let columns: [TableDraft.Column] = [
        .init(name: "id", type: .int64, isNullable: false),
        .init(name: "price", type: .decimal(precision: 12, scale: 2)),
        .init(name: "ratio", type: .float64),
        .init(name: "at", type: .timestamp),
        .init(name: "word", type: .string),
    ]

    /// The files of the closed database.
    static func make() throws -> DiskImage {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: options)
        let trades = try create("trades", in: store)
        _ = try create("nothing", in: store)
        for rows in [0..<200, 200..<300] {
            try append(rows, to: trades, in: store)
            try waiting { done in store.sealAll { done($0.map { .failure($0) } ?? .success(())) } }
        }
        try append(300..<rowCount, to: trades, in: store)
        store.close()
        return disk.contents
    }

    private static func create(_ name: String, in store: Store) throws -> TableID {
        let draft = TableDraft(name: name, columns: columns, timeColumn: "at")
        return try waiting { done in
            store.createTable(draft) { done($0.map(\.tableID)) }
        }
    }

    private static func append(_ rows: Range<Int>, to table: TableID, in store: Store) throws {
        var builders = columns.map { ColumnBuilder(name: $0.name, type: $0.type) }
        for row in rows {
            builders[0].append(integer: Int64(row))
            row % 9 == 0 ? builders[1].appendNull() : builders[1].append(integer: Int64(row * 7))
            builders[2].append(float: Double(row % 5) / 4)
            builders[3].append(integer: Int64(row) * 1_000_000)
            builders[4].append(.string(Array("word-\(row % 6)".utf8)))
        }
        let batch = try RowBatch.decode(Bytes(RowBatch.encode(builders)))
        let origin = BatchOrigin(
            producerHigh: 1, producerLow: 2, stream: 0, epoch: 1,
            sequence: rows.lowerBound == 0 ? 1 : UInt64(rows.lowerBound) / 100)
        _ = try waiting { done in
            store.append(batch, to: table, origin: origin) { done($0.map(\.rowCount)) }
        }
    }

    /// Waits for a completion; the sweep runs on threads of its own.
    private static func waiting<Value: Sendable>(
        _ start: (@escaping @Sendable (Result<Value, StorageError>) -> Void) -> Void
    ) throws -> Value {
        let box = Box<Result<Value, StorageError>>()
        start { box.put($0) }
        return try box.take().get()
    }
}

/// A value that another thread provides.
final class Box<Value: Sendable>: @unchecked Sendable {
    private let lock = Lock()
    private let isThere: Condition
    private var value: Value?

    init() { isThere = Condition(guardedBy: lock) }

    func put(_ value: Value) {
        lock.withLock { self.value = value }
        isThere.broadcast()
    }

    func take() -> Value {
        lock.withLock {
            while true {
                if let value { return value }
                isThere.wait()
            }
        }
    }
}
