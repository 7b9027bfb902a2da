internal import StoaBase
internal import StoaModel

/// Collects result rows into encoded batches of at most 65,536 rows and about 1 MiB, or less where
/// the schema says so.
struct BatchWriter {
    static let rowCountLimit = 65_536
    /// Rows added between two looks at the size.
    private let stepRowCount: Int

    private let schema: ResultSchema
    /// What the rows take here.
    private let memory: MemoryShare
    private var builders: [ColumnBuilder]
    /// Rows in the open batch.
    private(set) var rowCount = 0
    /// Batches that are full, oldest first, with their rows.
    private(set) var finished: [(bytes: [UInt8], rowCount: Int)] = []
    /// Bytes in full batches.
    private(set) var finishedByteCount = 0

    init(_ schema: ResultSchema, budget: MemoryBudget) {
        self.schema = schema
        stepRowCount = min(1_024, max(1, schema.batchByteCount / max(1, schema.types.count * 8)))
        memory = MemoryShare(of: budget)
        builders = schema.builders()
    }

    /// Adds `count` rows of one vector per column.
    mutating func append(
        _ vectors: [Vector], rows: UnsafePointer<UInt16>, count: Int
    ) throws(ServiceError) {
        var first = 0
        while first < count {
            var step = min(count - first, stepRowCount, Self.rowCountLimit - rowCount)
            while step > 1, Self.textByteCount(vectors, rows + first, step) > schema.batchByteCount
            {
                step /= 2
            }
            for column in builders.indices {
                builders[column].append(vectors[column], rows: rows + first, count: step)
            }
            rowCount += step
            first += step
            let byteCount = builders.reduce(0) { $0 + $1.byteCount }
            guard byteCount <= Limits.batchByteCountLimit / 2 || step > 1 else {
                throw ServiceError(
                    .notSupported, "A row of the result has more than 32 MiB.",
                    hint: "Select fewer or shorter columns.")
            }
            if byteCount >= schema.batchByteCount || rowCount == Self.rowCountLimit {
                finishBatch()
            }
        }
        memory.set(finishedByteCount + builders.reduce(0) { $0 + $1.byteCount })
    }

    /// Bytes of text in rows, so that a batch of long strings is cut in time.
    private static func textByteCount(
        _ vectors: [Vector], _ rows: UnsafePointer<UInt16>, _ count: Int
    ) -> Int {
        var total = 0
        for vector in vectors {
            switch vector.content {
            case .strings(let offsets, _):
                for index in 0..<count {
                    let row = Int(rows[index])
                    total &+= Int(offsets[row &+ 1] &- offsets[row])
                }
            case .numbered(_, let template): total &+= count &* template.byteCount
            case .codes(let source, let dictionary) where dictionary.count > 0:
                for index in 0..<count {
                    let code = Int(source.value(Int(rows[index])))
                    total &+= Int(dictionary.offsets[code &+ 1] &- dictionary.offsets[code])
                }
            default: continue
            }
        }
        return total
    }

    /// Ends the open batch; one without rows carries the schema alone.
    mutating func finishBatch() {
        let bytes = RowBatch.encode(builders)
        finished.append((bytes, rowCount))
        finishedByteCount += bytes.count
        builders = schema.builders()
        rowCount = 0
    }

    /// Takes the full batches away.
    mutating func takeFinished() -> [(bytes: [UInt8], rowCount: Int)] {
        defer {
            if finishedByteCount > 0 { memory.set(0) }
            finished = []
            finishedByteCount = 0
        }
        return finished
    }
}
