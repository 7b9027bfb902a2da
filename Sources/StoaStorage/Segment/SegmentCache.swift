internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// What a segment has opened so far: dictionaries and block readers, each made once.
final class SegmentCache: @unchecked Sendable {
    // SAFETY: the arrays are touched only while `lock` is held; what they hold is immutable.
    private let lock = Lock()
    private let blockCount: Int
    private var readers: [BlockReader?]
    private var dictionaries: [StringDictionary?]
    private var filters: [FilterSection?]

    init(columnCount: Int, blockCount: Int) {
        self.blockCount = blockCount
        readers = Array(repeating: nil, count: columnCount * blockCount)
        dictionaries = Array(repeating: nil, count: columnCount)
        filters = Array(repeating: nil, count: columnCount)
    }

    func reader(column: Int, block: Int) -> BlockReader? {
        lock.withLock { readers[column * blockCount + block] }
    }

    /// Keeps a reader whose bytes were verified. Two threads may both do so; one stays.
    func store(_ reader: BlockReader, column: Int, block: Int) {
        lock.withLock { readers[column * blockCount + block] = reader }
    }

    func filters(column: Int) -> FilterSection? { lock.withLock { filters[column] } }

    /// Keeps filters whose bytes were verified.
    func store(_ section: FilterSection, column: Int) {
        lock.withLock { filters[column] = section }
    }

    func dictionary(column: Int) -> StringDictionary? {
        lock.withLock { dictionaries[column] }
    }

    /// Keeps the first dictionary, so that all blocks of a column share one object.
    func store(_ dictionary: StringDictionary, column: Int) -> StringDictionary {
        lock.withLock { () -> StringDictionary in
            let kept = dictionaries[column] ?? dictionary
            dictionaries[column] = kept
            return kept
        }
    }
}
