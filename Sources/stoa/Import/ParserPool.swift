internal import StoaBase
internal import StoaText

/// Parsers of one plan, handed to whoever parses next.
final class ParserPool: @unchecked Sendable {
    // SAFETY: `idle` is touched only under `lock`.
    private let plan: ParsePlan
    private let lock = Lock()
    private var idle: [ChunkParser] = []

    init(_ plan: ParsePlan) { self.plan = plan }

    /// Parses with an idle parser, or a new one.
    func parse(_ chunk: TextChunk) -> ParsedChunk {
        let parser = lock.withLock { idle.popLast() } ?? ChunkParser(plan)
        defer { lock.withLock { idle.append(parser) } }
        return parser.parse(chunk)
    }
}

/// Work on chunks in the order of the file: at most `width` pieces run at once, a few more wait,
/// and the results come out in order.
struct OrderedWork<Output: Sendable> {
    private let width: Int
    private var tasks: [Task<Output, Never>] = []
    private var recent: [Task<Output, Never>] = []

    init(width: Int) { self.width = max(1, width) }

    /// Whether another piece may be begun: memory is bounded by this.
    var hasRoom: Bool { tasks.count < width + 1 }

    /// Begins a piece of work.
    mutating func begin(_ work: @escaping @Sendable () -> Output) {
        // A piece waits for the one `width` before it, so that no more run at once.
        let gate = recent.count >= width ? recent[recent.count - width] : nil
        let task = Task.detached {
            _ = await gate?.value
            return work()
        }
        tasks.append(task)
        recent = Array((recent + [task]).suffix(width))
    }

    /// The result of the oldest piece; nil when there is none.
    mutating func next() async -> Output? {
        guard !tasks.isEmpty else { return nil }
        return await tasks.removeFirst().value
    }
}
