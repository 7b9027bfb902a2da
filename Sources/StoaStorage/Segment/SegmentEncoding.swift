internal import StoaBase
internal import StoaModel

/// Encodes all columns of a segment, several at a time when asked to.
enum SegmentEncoding {
    static func encode(
        _ rows: MemtableRows, options: SegmentBuilder.Options
    ) throws(BlockMismatch) -> [EncodedColumn] {
        let work = Work(rows.memtable.definition)
        let blockRows = options.limits.blockRows
        let threadCount = max(1, min(options.threadCount, rows.memtable.definition.columns.count))
        let threads = (1..<threadCount).compactMap { number in
            Thread.ifPossible(name: "encode-\(number)") { run(work, rows, blockRows: blockRows) }
        }
        run(work, rows, blockRows: blockRows)
        for thread in threads { thread.join() }
        return try work.result()
    }

    private static func run(_ work: Work, _ rows: MemtableRows, blockRows: Int) {
        let encoder = ColumnEncoder(rows, blockRows: blockRows)
        while let index = work.next() {
            do throws(BlockMismatch) {
                work.finish(index, .success(try encoder.encode(column: index)))
            } catch {
                work.finish(index, .failure(error))
            }
        }
    }

    /// Columns to do and columns done.
    private final class Work: @unchecked Sendable {
        // SAFETY: all state is touched only while `lock` is held.
        private let lock = Lock()
        private var waiting: [Int]
        private var done: [Result<EncodedColumn, BlockMismatch>?]

        init(_ definition: TableDefinition) {
            // Strings take longest: they go first, so that threads end together.
            let strings = definition.columns.indices.filter {
                definition.columns[$0].type == .string
            }
            let others = definition.columns.indices.filter {
                definition.columns[$0].type != .string
            }
            waiting = (strings + others).reversed()
            done = Array(repeating: nil, count: definition.columns.count)
        }

        func next() -> Int? { lock.withLock { waiting.popLast() } }

        func finish(_ index: Int, _ result: Result<EncodedColumn, BlockMismatch>) {
            lock.withLock { done[index] = result }
        }

        func result() throws(BlockMismatch) -> [EncodedColumn] {
            var columns: [EncodedColumn] = []
            for result in lock.withLock({ done }) {
                invariant(result != nil, "every column was encoded")
                if let result { columns.append(try result.get()) }
            }
            return columns
        }
    }
}
