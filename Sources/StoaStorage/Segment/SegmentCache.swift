internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// What a segment has opened so far: dictionaries, filters and block readers, each made once, and
/// when the bytes behind them were verified last.
final class SegmentCache: @unchecked Sendable {
    // SAFETY: the arrays are touched only while `lock` is held; what they hold is immutable.
    /// Something made of bytes, with their last verification.
    struct Kept<Value> {
        var value: Value
        var verification: SegmentWatch.Verification
    }

    private let lock = Lock()
    private let blockCount: Int
    private var readers: [Kept<BlockReader>?]
    private var dictionaries: [StringDictionary?]
    private var filters: [Kept<FilterSection>?]

    init(columnCount: Int, blockCount: Int) {
        self.blockCount = blockCount
        readers = Array(repeating: nil, count: columnCount * blockCount)
        dictionaries = Array(repeating: nil, count: columnCount)
        filters = Array(repeating: nil, count: columnCount)
    }

    func reader(column: Int, block: Int) -> Kept<BlockReader>? {
        lock.withLock { readers[column * blockCount + block] }
    }

    /// Keeps a reader whose bytes were verified; nil: lets go of it. Two threads may both do so;
    /// one stays.
    func store(_ reader: Kept<BlockReader>?, column: Int, block: Int) {
        lock.withLock { readers[column * blockCount + block] = reader }
    }

    func filters(column: Int) -> Kept<FilterSection>? { lock.withLock { filters[column] } }

    /// Keeps filters whose bytes were verified; nil: lets go of them.
    func store(_ section: Kept<FilterSection>?, column: Int) {
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
