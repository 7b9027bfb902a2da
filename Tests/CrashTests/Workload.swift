import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit

/// A seeded life of a store: tables made, renamed, emptied and dropped, columns added, renamed
/// and dropped, batches of three producers and of none, repeated batches, seals, loads, silences,
/// closes and cuts.
final class Workload: @unchecked Sendable {
    // SAFETY: used on one thread; completions run on it too.
    let disk: SimulatedDisk
    let ledger = Ledger()
    private var random: SeededRandom
    private var store: SteppedStore?
    private var tables: [TableID] = []
    private var sequences: [UInt64] = [0, 0, 0]
    private var isBroken = false
    private var nextName = 0
    private let operationCount: Int

    init(seed: UInt64, operationCount: Int, disk: SimulatedDisk = SimulatedDisk()) {
        random = SeededRandom(seed: seed)
        self.operationCount = operationCount
        self.disk = disk
    }

    static let columns = [TableDraft.Column(name: "n", type: .int64)]

    /// Runs to the end, through errors: what was refused is sent again, what broke is reopened.
    func run() {
        guard open() else { return }
        create()
        create()
        for _ in 0..<operationCount {
            operate()
            for _ in 0..<random.next() % 6 { _ = store?.step(&random) }
            if isBroken { reopen() }
        }
        settle()
    }

    private func open() -> Bool {
        for _ in 0..<3 {
            if let opened = try? SteppedStore(disk) {
                store = opened
                isBroken = false
                return true
            }
        }
        return false
    }

    private func reopen() {
        store?.files.close()
        store = nil
        // What was on its way may or may not be there: numbers go on from what is known.
        if open() { sequences = (0..<3).map { lastSequence(producer: $0) } }
    }

    private func lastSequence(producer: Int) -> UInt64 {
        store?.core.manifest.producers.states[ProducerKey(origin(producer, 0))]?.lastSequence ?? 0
    }

    private func settle() { if let store { store.settle(&random) } }

    private func operate() {
        switch random.next() % 40 {
        case 0: create()
        case 1: drop()
        case 2: rename()
        case 3, 4: load()
        case 5:
            store?.post(.sealAll { _ in })
        case 6:
            settle()
            store?.advance(milliseconds: 150)
            settle()
        case 7:
            settle()
            store?.post(.close { _ in })
            settle()
            reopen()
        case 8: reopen()
        case 9: store?.advance(milliseconds: 2_000)
        case 10...12: repeatBatch()
        case 13, 14: ingest(producer: nil)
        case 32...36: changeColumn()
        case 37: truncate()
        default: ingest(producer: Int(random.next() % 3))
        }
    }

    // MARK: Batches

    private func origin(_ producer: Int, _ sequence: UInt64) -> BatchOrigin {
        BatchOrigin(
            producerHigh: UInt64(producer) + 1, producerLow: 77, stream: UInt32(producer),
            epoch: 1, sequence: sequence)
    }

    static func rows(_ batch: Ledger.Batch) -> RowBatch? {
        let columns = (["n"] + batch.extras.map(\.name)).map { name in
            var column = ColumnBuilder(name: name, type: .int64)
            for row in 0..<batch.rowCount {
                column.append(integer: Int64(batch.number * 1_000 + row))
            }
            return column
        }
        return try? RowBatch.decode(Bytes(RowBatch.encode(columns)))
    }

    private func ingest(producer: Int?) {
        guard let table = pick(tables) else { return }
        var batch = Ledger.Batch(
            number: ledger.batches.count, table: table, rowCount: Int(random.next() % 40) + 1,
            origin: .none)
        batch.extras = extras(of: table)
        if random.next() % 40 == 0 { batch.rowCount = 400 }  // Longer than a log file.
        if let producer {
            sequences[producer] += 1
            batch.origin = origin(producer, sequences[producer])
        }
        ledger.batches.append(batch)
        send(batch)
    }

    /// Some of a table's columns behind the first; a batch may lack any.
    private func extras(of table: TableID) -> [ColumnDefinition] {
        let columns = store?.snapshot.table(table)?.definition.columns.dropFirst() ?? []
        return columns.filter { _ in random.next() % 4 != 0 }
    }

    /// Sends a batch that was sent before, acknowledged or not.
    private func repeatBatch() {
        let sent = ledger.batches.filter { !$0.origin.isNone && tables.contains($0.table) }
        let isFresh = random.next() % 2 == 0
        if let batch = pick(Array(sent.suffix(isFresh ? 1 : 8))) { send(batch) }
    }

    private func send(_ batch: Ledger.Batch) {
        guard let store, let rows = Self.rows(batch) else { return }
        let request = BatchRequest(
            tableID: batch.table, batch: rows, origin: batch.origin
        ) { [self] result in
            switch result {
            case .success: acknowledge(batch.number)
            case .failure(let error): refuse(batch, error)
            }
        }
        store.post(.batch(request))
    }

    private func acknowledge(_ number: Int) {
        if hasFailedSync { ledger.violations.append("batch \(number) after a failed sync") }
        if ledger.batches[number].acknowledged == nil {
            ledger.batches[number].acknowledged = disk.stepCount
        }
    }

    private func refuse(_ batch: Ledger.Batch, _ error: StorageError) {
        switch error {
        case .sequenceGap(let expected, _):
            // An earlier one was refused: go on where the store is.
            for producer in 0..<3 where origin(producer, batch.origin.sequence) == batch.origin {
                sequences[producer] = expected - 1
            }
        case .diskFull, .disk:
            for producer in 0..<3 where origin(producer, batch.origin.sequence) == batch.origin {
                sequences[producer] = min(sequences[producer], batch.origin.sequence - 1)
            }
        case .logPoisoned, .durabilityUnknown: isBroken = true
        default: return
        }
    }

    /// Whether the core knew of a failed sync; a full disk under a temporary name is none.
    private var hasFailedSync: Bool { store?.wasPoisoned ?? false }

    // MARK: Tables

    private func pick<Element>(_ list: [Element]) -> Element? {
        list.isEmpty ? nil : list[Int(random.next() % UInt64(list.count))]
    }

    /// Issues a change, often while batches are on their way, and waits for it.
    private func change(
        _ change: TableChange,
        _ effect: @escaping (TableID, inout [TableID: Ledger.Table]) -> Void,
        _ done: @escaping (TableID) -> Void
    ) {
        if random.next() % 4 == 0 { settle() }
        guard let store else { return }
        let index = ledger.changes.count
        let expectedID = store.core.ids.next.tableID
        ledger.changes.append(
            Ledger.Change(
                apply: { effect(expectedID, &$0) }, issued: disk.stepCount))
        let box = Box(done)
        store.post(
            .change(change) { [self] result in
                switch result {
                case .success(let receipt):
                    if hasFailedSync { ledger.violations.append("change after a failed sync") }
                    ledger.changes[index].acknowledged = disk.stepCount
                    box.value(receipt.tableID)
                case .failure(let error):
                    if error == .durabilityUnknown || error == .logPoisoned {
                        isBroken = true
                    } else {
                        ledger.changes[index].isRefused = true
                    }
                }
            })
        settle()
    }

    /// Carries a closure of this thread into a completion of this thread.
    private final class Box: @unchecked Sendable {
        // SAFETY: everything runs on one thread.
        let value: (TableID) -> Void
        init(_ value: @escaping (TableID) -> Void) { self.value = value }
    }

    private func create() {
        nextName += 1
        let name = "t\(nextName)"
        change(
            .create(TableDraft(name: name, columns: Self.columns)),
            { $1[$0] = Ledger.Table(name: name) },
            { [self] id in tables.append(id) })
    }

    private func rename() {
        guard let id = pick(tables) else { return }
        nextName += 1
        let name = "t\(nextName)"
        change(.rename(id, to: name), { $1[id]?.name = name }, { _ in })
    }

    /// Adds, renames or drops a column of a table.
    private func changeColumn(of table: TableID? = nil) {
        guard let id = table ?? pick(tables), let store,
            let index = store.core.manifest.tableIndex(id)
        else { return }
        nextName += 1
        let name = "c\(nextName)"
        let extras = Array(store.core.manifest.tables[index].definition.columns.dropFirst())
        guard let column = pick(extras), extras.count > 3 || random.next() % 3 != 0 else {
            let columnID = store.core.manifest.tables[index].nextColumnID
            let draft = TableDraft.Column(name: name, type: .int64)
            return change(
                .addColumn(id, draft, ifNotExists: false), { $1[id]?.extras[columnID] = name },
                { _ in })
        }
        if random.next() % 2 == 0 {
            change(
                .dropColumn(id, columnID: column.id), { $1[id]?.extras[column.id] = nil },
                { _ in })
        } else {
            change(
                .renameColumn(id, columnID: column.id, to: name),
                { $1[id]?.extras[column.id] = name }, { _ in })
        }
    }

    private func truncate() {
        guard let id = pick(tables) else { return }
        if random.next() % 4 == 0 { settle() }
        let truncation = Ledger.Truncation(
            batchCount: ledger.batches.count, issued: disk.stepCount)
        change(.truncate(id), { $1[id]?.truncation = truncation }, { _ in })
    }

    private func drop() {
        guard tables.count > 1, let id = pick(tables) else { return }
        change(.drop(id), { $1[id] = nil }, { [self] _ in tables.removeAll { $0 == id } })
    }

    /// A load into a table, or one that makes its table.
    private func load() {
        guard let store else { return }
        let isNew = random.next() % 2 == 0
        nextName += 1
        let name = "t\(nextName)"
        let definition: TableDefinition
        if isNew {
            let id = store.core.ids.takeTableID()
            guard let made = try? TableDraft(name: name, columns: Self.columns).definition(id: id)
            else { return }
            definition = made
        } else {
            guard let id = pick(tables), let found = store.snapshot.table(id)?.definition else {
                return
            }
            definition = found
        }
        commitLoad(definition, isNew: isNew, name: name)
    }

    private func commitLoad(_ definition: TableDefinition, isNew: Bool, name: String) {
        guard let store else { return }
        var options = BulkBuilder.Options(limits: SteppedStore.options().limits)
        options.isConcurrent = false
        options.threadCount = 1
        let ids = store.core.ids
        let builder = BulkBuilder(
            definition: definition, disk: disk, options: options,
            nextSegmentID: { ids.takeSegmentIDs(1) })
        let batch = Ledger.Batch(
            number: ledger.batches.count, table: definition.id,
            rowCount: Int(random.next() % 90) + 1, origin: .none,
            extras: definition.columns.dropFirst().filter { _ in random.next() % 4 != 0 },
            isLoad: true)
        ledger.batches.append(batch)
        guard let rows = Self.rows(batch), (try? builder.append(rows)) != nil,
            let descriptors = try? builder.finish(expectedRowCount: batch.rowCount)
        else { return }
        if !isNew, random.next() % 3 == 0 { changeColumn(of: definition.id) }
        var segments: [Segment] = []
        for descriptor in descriptors {
            guard let segment = try? Segment.open(descriptor, definition: definition, disk: disk)
            else { return }
            segments.append(segment)
        }
        let load = LoadChange(
            newTable: isNew ? definition : nil, tableID: definition.id, segments: segments,
            label: "load \(batch.number)")
        let id = definition.id
        change(
            .load(load), { if isNew { $1[id] = Ledger.Table(name: name) } },
            { [self] _ in
                acknowledge(batch.number)
                if isNew { tables.append(id) }
            })
    }
}
