internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// The keys of one worker's batches: as slots, or as words for tables.
final class KeyEncoder {
    private let columns: [KeyColumn]
    private let assigner: SlotAssigner?
    private let wordCount: Int
    private var buffer: GrowingBuffer<UInt64>

    init(
        _ aggregation: Aggregation, _ context: QueryContext, compiler: ExpressionCompiler
    ) throws(ServiceError) {
        wordCount = aggregation.wordCount
        buffer = GrowingBuffer(budget: context.budget)
        if let slots = aggregation.slots {
            assigner = try SlotAssigner(slots, compiler: compiler)
            columns = []
            return
        }
        assigner = nil
        var columns: [KeyColumn] = []
        for (index, key) in aggregation.layout.keys.enumerated() {
            columns.append(
                KeyColumn(
                    key, node: try compiler.compile(aggregation.keys[index]),
                    scratch: compiler.scratch, tokens: aggregation.tokens[index]))
        }
        self.columns = columns
    }

    /// The rows' slots as groups; nil when a row has a value that the plan knows nothing of.
    func slots(
        _ frame: Frame, rows: UnsafePointer<UInt16>, count: Int
    ) throws(ServiceError) -> GroupedRows? {
        try assigner?.assign(frame, rows: rows, count: count)
    }

    /// The rows' keys, one behind the other; nil when a row has a value that the plan knows
    /// nothing of, or a key too many strings for tokens. Valid until the next call and as long as
    /// the frame: keys lead to its strings.
    func words(
        _ frame: Frame, rows: UnsafePointer<UInt16>, count: Int
    ) throws(ServiceError) -> UnsafePointer<UInt64>? {
        try withinBudget { () throws(MemoryLimitReached) in
            try buffer.reserve(count * wordCount, used: 0)
        }
        let words = buffer.base
        if let assigner {
            let isKnown = try assigner.pack(frame, rows: rows, count: count, into: words)
            return isKnown ? UnsafePointer(words) : nil
        }
        words.update(repeating: 0, count: count * wordCount)
        for column in columns {
            try column.begin(frame)
            try column.encode(rows, count: count, wordCount: wordCount, into: words)
            if column.isRefused { return nil }
        }
        return UnsafePointer(words)
    }
}
