import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit

/// Recovers an image and holds it against the ledger.
struct CrashChecker {
    let ledger: Ledger
    /// Batches by number of their producer's sequence, made once.
    private let producers: [ProducerKey: [Ledger.Batch]]

    /// Why a state is wrong.
    struct Wrong: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// What a recovered store holds, for comparing two recoveries.
    struct Digest: Equatable {
        var tables: [TableID: Ledger.Table] = [:]
        var rows: [TableID: [Int64]] = [:]
        /// By column; nil: NULL.
        var extras: [TableID: [UInt32: [Int64?]]] = [:]
        var producers = ProducerTable()
        var lsn: UInt64 = 0
        var generation: UInt64 = 0
    }

    init(_ ledger: Ledger) {
        self.ledger = ledger
        producers = Dictionary(
            grouping: ledger.batches.filter { !$0.origin.isNone }, by: { ProducerKey($0.origin) })
    }

    /// Recovers and checks; the disk then holds what recovery left.
    @discardableResult
    func check(_ disk: SimulatedDisk, step: Int) throws -> Digest {
        let store: SteppedStore
        do {
            store = try SteppedStore(disk)
        } catch {
            throw Wrong("recovery refused: \(error)")
        }
        defer { store.files.close() }
        let digest = try Self.digest(store)
        let catalogs = ledger.catalogs(at: step).filter { Self.isSame($0, digest.tables) }
        guard !catalogs.isEmpty else {
            throw Wrong("the tables are \(digest.tables), not \(ledger.catalogs(at: step))")
        }
        var wrong: (any Error)?
        for catalog in catalogs {
            do {
                try checkRows(digest, catalog, step)
                try checkProducers(digest, catalog)
                return digest
            } catch {
                wrong = error
            }
        }
        throw wrong ?? Wrong("no catalog fits")
    }

    /// Truncations do not show in a table itself.
    private static func isSame(
        _ left: [TableID: Ledger.Table], _ right: [TableID: Ledger.Table]
    ) -> Bool {
        left.mapValues { Ledger.Table(name: $0.name, extras: $0.extras) } == right
    }

    /// Recovers what a recovery left, and expects the same.
    func checkAgain(_ disk: SimulatedDisk, _ first: Digest) throws {
        let store: SteppedStore
        do {
            store = try SteppedStore(SimulatedDisk(disk.contents))
        } catch {
            throw Wrong("the second recovery refused: \(error)")
        }
        defer { store.files.close() }
        guard try Self.digest(store) == first else { throw Wrong("two recoveries differ") }
        guard store.report.droppedByteCount == 0 else {
            throw Wrong("the second recovery dropped something")
        }
    }

    /// Sends everything again that the producers may not have been told of, and expects each
    /// batch once.
    func checkResume(_ disk: SimulatedDisk, _ first: Digest) throws {
        let store: SteppedStore
        do {
            store = try SteppedStore(SimulatedDisk(disk.contents))
        } catch {
            throw Wrong("the recovery for resuming refused: \(error)")
        }
        defer { store.files.close() }
        var random = SeededRandom(seed: 1)
        var before: [Int: Int] = [:]
        for row in first.rows.values.joined() { before[Int(row / 1_000), default: 0] += 1 }
        for batch in ledger.batches where !batch.origin.isNone && before[batch.number] != nil {
            guard let rows = Workload.rows(batch) else { continue }
            store.post(
                .batch(
                    BatchRequest(
                        tableID: batch.table, batch: rows, origin: batch.origin
                    ) { _ in }))
        }
        store.settle(&random)
        guard try Self.digest(store).rows == first.rows else {
            throw Wrong("a batch that was sent again is there twice")
        }
    }

    static func digest(_ store: SteppedStore) throws -> Digest {
        var digest = Digest()
        let snapshot = store.snapshot
        digest.lsn = snapshot.generation
        digest.producers = store.core.manifest.producers
        for table in snapshot.catalog.tables {
            let extras = table.columns.dropFirst()
            digest.tables[table.id] = Ledger.Table(
                name: table.name,
                extras: Dictionary(uniqueKeysWithValues: extras.map { ($0.id, $0.name) }))
            guard let rows = snapshot.table(table.id) else { throw Wrong("a table has no rows") }
            digest.rows[table.id] = try read(rows, column: 1).compactMap { $0 }
            for column in extras {
                digest.extras[table.id, default: [:]][column.id] = try read(
                    rows, column: column.id)
            }
        }
        return digest
    }

    /// Acknowledged batches once, all others once or not at all, each whole.
    private func checkRows(
        _ digest: Digest, _ catalog: [TableID: Ledger.Table], _ step: Int
    ) throws {
        var found: [Int: TableID] = [:]
        for (table, rows) in digest.rows {
            var index = 0
            while index < rows.count {
                let number = Int(rows[index] / 1_000)
                guard ledger.batches.indices.contains(number) else {
                    throw Wrong("row \(rows[index]) was never sent")
                }
                let batch = ledger.batches[number]
                guard batch.table == table, found.updateValue(table, forKey: number) == nil,
                    index + batch.rowCount <= rows.count
                else { throw Wrong("batch \(number) is in the wrong place, twice or in part") }
                if isTruncated(batch, catalog) {
                    throw Wrong("batch \(number) was truncated and is there again")
                }
                for row in 0..<batch.rowCount
                where rows[index + row] != Int64(number * 1_000 + row) {
                    throw Wrong("batch \(number) is there in part")
                }
                try checkExtras(digest, batch, rows: index..<index + batch.rowCount)
                index += batch.rowCount
            }
        }
        for batch in ledger.batches {
            guard let acknowledged = batch.acknowledged, acknowledged <= step,
                digest.tables[batch.table] != nil, !mayBeTruncated(batch, catalog)
            else { continue }
            guard found[batch.number] != nil else {
                throw Wrong("acknowledged batch \(batch.number) is lost")
            }
        }
    }

    /// A column has a batch's values exactly if the batch was made with it.
    private func checkExtras(_ digest: Digest, _ batch: Ledger.Batch, rows: Range<Int>) throws {
        for (id, values) in digest.extras[batch.table] ?? [:] {
            let isThere = batch.extras.contains { $0.id == id }
            for (row, index) in rows.enumerated() {
                let expected = isThere ? Int64(batch.number * 1_000 + row) : nil
                guard values[index] == expected else {
                    throw Wrong("column \(id) of batch \(batch.number) has another value")
                }
            }
        }
    }

    /// Whether a batch was acknowledged before its table was emptied.
    private func isTruncated(_ batch: Ledger.Batch, _ catalog: [TableID: Ledger.Table]) -> Bool {
        guard let truncation = catalog[batch.table]?.truncation,
            batch.number < truncation.batchCount, let acknowledged = batch.acknowledged
        else { return false }
        return acknowledged <= truncation.issued
    }

    /// Whether a batch was sent before its table was emptied; it may have come again afterwards.
    private func mayBeTruncated(
        _ batch: Ledger.Batch, _ catalog: [TableID: Ledger.Table]
    ) -> Bool {
        catalog[batch.table]?.truncation.map { batch.number < $0.batchCount } ?? false
    }

    /// What is known of producers is what is there: no holes, nothing ahead, nothing behind.
    private func checkProducers(_ digest: Digest, _ catalog: [TableID: Ledger.Table]) throws {
        for (key, batches) in producers {
            let last = digest.producers.states[key]?.lastSequence ?? 0
            var present: Set<UInt64> = []
            var gone: Set<UInt64> = []
            for batch in batches {
                if digest.tables[batch.table] == nil || mayBeTruncated(batch, catalog) {
                    gone.insert(batch.origin.sequence)
                }
                if digest.rows[batch.table]?.contains(Int64(batch.number * 1_000)) == true {
                    present.insert(batch.origin.sequence)
                }
            }
            guard present.allSatisfy({ $0 <= last }) else {
                throw Wrong("producer \(key.high) is behind its rows")
            }
            for sequence in 0..<last where !present.contains(sequence + 1) {
                guard gone.contains(sequence + 1) else {
                    throw Wrong("producer \(key.high) has a hole at \(sequence + 1)")
                }
            }
        }
    }

    // MARK: Reading

    static func read(_ table: TableSnapshot, column: UInt32) throws -> [Int64?] {
        let scratch = VectorScratch()
        var values: [Int64?] = []
        for block in table.blocks {
            let reader = try block.open(column)
            for first in stride(from: 0, to: block.rowCount, by: Limits.batchRows) {
                let count = min(Limits.batchRows, block.rowCount - first)
                let vector = reader.read(firstRow: first, rowCount: count, into: scratch)
                guard case .integers(let numbers) = vector.content else {
                    throw Wrong("a number is no integer")
                }
                for row in 0..<count {
                    let isNull = vector.validity.map { $0[row >> 6] >> UInt64(row & 63) & 1 == 0 }
                    values.append(isNull ?? false ? nil : Self.value(numbers, row))
                }
            }
        }
        guard values.count == table.rowCount else { throw Wrong("a row count is wrong") }
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
