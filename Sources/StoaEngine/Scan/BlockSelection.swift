internal import StoaBase
internal import StoaCodec
internal import StoaCompute
internal import StoaModel
internal import StoaStorage

/// How much of a block a filter leaves.
enum Coverage {
    case none, some, all
}

/// The rows of one block that pass the conjuncts a block can answer: one bit per row, found
/// before any other column is touched. One per worker.
final class BlockSelection {
    private let filter: FilterPlan
    private let columnIDs: [UInt32]
    private let vectorScratch: VectorScratch
    private let interrupts: Interrupts
    /// A bit per row of the block.
    let mask: UnsafeMutablePointer<UInt64>
    private(set) var rowCount = 0
    /// Rows that are left.
    private(set) var selectedCount = 0
    /// Conjuncts that this block could not answer, by position.
    private(set) var unanswered: [Int] = []
    /// Conjuncts in the order in which they are asked: what drops most for its cost goes first.
    private var order: [Int]
    private var asked: [Double]
    private var passed: [Double]
    /// A further condition that must hold, of the bound of a top-k.
    var bound: FilterPlan.Conjunct?

    init(
        _ filter: FilterPlan, columnIDs: [UInt32], scratch: Scratch
    ) throws(ServiceError) {
        self.filter = filter
        self.columnIDs = columnIDs
        vectorScratch = try scratch.takeVector()
        interrupts = scratch.interrupts
        mask = try scratch.take(UInt64.self)
        order = filter.pushed.indices.sorted { filter.pushed[$0].cost < filter.pushed[$1].cost }
        asked = filter.pushed.map { _ in 0 }
        passed = filter.pushed.map { _ in 0 }
    }

    /// Whether the mask says which rows are left; otherwise all are.
    var isFiltered: Bool { !filter.pushed.isEmpty || bound != nil }

    // MARK: By statistics

    /// What statistics alone say of the whole filter.
    func coverage(_ block: ScanBlock?) -> Coverage {
        var isWhole = filter.rest == nil
        guard let block else { return filter.isEmpty && bound == nil ? .all : .some }
        for conjunct in filter.pushed + (bound.map { [$0] } ?? []) {
            switch coverage(conjunct, block) {
            case .none: return .none
            case .some: isWhole = false
            case .all: break
            }
        }
        return isWhole ? .all : .some
    }

    private func coverage(_ conjunct: FilterPlan.Conjunct, _ block: ScanBlock) -> Coverage {
        guard case .column(let test) = conjunct.test,
            let statistics = block.statistics(columnIDs[conjunct.column])
        else { return .some }
        let nullCount = statistics.nullCount
        let isAllNull = nullCount == statistics.rowCount
        switch test {
        case .isNull: return nullCount == 0 ? .none : isAllNull ? .all : .some
        case .isNotNull: return isAllNull ? .none : nullCount == 0 ? .all : .some
        case .integers, .floats: if isAllNull { return .none }
        case .codes, .strings: return .some
        }
        switch (test, statistics.bounds) {
        case (.integers(let ranges), .integers(let low, let high)):
            return Self.coverage(ranges, low...high, nullCount: nullCount)
        case (.floats(let ranges), .floats(let low, let high)):
            return Self.coverage(
                ranges, OrderKey.key(low)...OrderKey.key(high), nullCount: nullCount)
        default: return .some
        }
    }

    private static func coverage<T: Comparable>(
        _ ranges: [ClosedRange<T>], _ bounds: ClosedRange<T>, nullCount: Int
    ) -> Coverage {
        guard ranges.contains(where: { $0.overlaps(bounds) }) else { return .none }
        let isInside = ranges.contains {
            $0.lowerBound <= bounds.lowerBound && $0.upperBound >= bounds.upperBound
        }
        return isInside && nullCount == 0 ? .all : .some
    }

    // MARK: By encodings

    /// Finds the rows of a block that pass; false when none does.
    func select(
        _ block: ScanBlock?, rowCount: Int, _ open: (Int) throws(ServiceError) -> ColumnReader
    ) throws(ServiceError) -> Bool {
        self.rowCount = rowCount
        unanswered = []
        selectedCount = rowCount
        MaskWords.fill(mask, rowCount: rowCount)
        guard let block else {
            unanswered = Array(filter.pushed.indices)
            return true
        }
        if let bound, coverage(bound, block) != .all {
            _ = try apply(bound, block, open)
            guard selectedCount > 0 else { return false }
        }
        for index in order {
            let conjunct = filter.pushed[index]
            if coverage(conjunct, block) == .all { continue }
            let before = selectedCount
            guard try apply(conjunct, block, open) else {
                unanswered.append(index)
                continue
            }
            asked[index] += Double(before)
            passed[index] += Double(selectedCount)
            guard selectedCount > 0 else {
                reorder()
                return false
            }
        }
        reorder()
        return true
    }

    /// Asks one conjunct; false when the block cannot answer it.
    private func apply(
        _ conjunct: FilterPlan.Conjunct, _ block: ScanBlock,
        _ open: (Int) throws(ServiceError) -> ColumnReader
    ) throws(ServiceError) -> Bool {
        let reader = try open(conjunct.column)
        let test: ColumnTest
        switch conjunct.test {
        case .column(let columnTest): test = columnTest
        case .string(let condition):
            if let dictionary = reader.encoded?.codeDictionary {
                let codes = condition.codes(of: dictionary, interrupts.stop)
                try interrupts.check()
                if let known = block.codeBounds(columnIDs[conjunct.column]),
                    !(codes.bounds?.overlaps(known) ?? false)
                {
                    MaskWords.clear(mask, rowCount: rowCount)
                    selectedCount = 0
                    return true
                }
                test = .codes(codes)
            } else if let direct = condition.direct {
                test = .strings(direct)
            } else {
                return false
            }
        }
        try interrupts.check()
        guard reader.filter(test, keeping: mask, scratch: vectorScratch) else { return false }
        selectedCount = MaskWords.count(mask, rowCount: rowCount)
        return true
    }

    private func reorder() {
        guard order.count > 1 else { return }
        func rank(_ index: Int) -> Double {
            let rate = asked[index] > 0 ? passed[index] / asked[index] : 0.5
            return filter.pushed[index].cost / max(0.01, 1 - rate)
        }
        order.sort { rank($0) < rank($1) }
    }

    // MARK: What is left

    /// The next rows to read together, from `row` on: at most four vectors that all have rows
    /// left; nil behind the last.
    func next(from row: Int) -> Range<Int>? {
        var first = row
        while first < rowCount, !hasRows(first) { first += Limits.vectorRows }
        guard first < rowCount else { return nil }
        var end = first + Limits.vectorRows
        while end < min(first + Limits.batchRows, rowCount), hasRows(end) {
            end += Limits.vectorRows
        }
        return first..<min(end, rowCount)
    }

    private func hasRows(_ firstRow: Int) -> Bool {
        let count = min(Limits.vectorRows, rowCount - firstRow)
        return !MaskWords.isEmpty(mask + firstRow / 64, rowCount: count)
    }

    /// Rows per vector up to which rows are read one by one.
    private static let sparseCount = 128

    /// Whether so few rows are left that reading them one by one is cheaper.
    var isSparse: Bool {
        guard isFiltered, selectedCount <= rowCount / 8 else { return false }
        var liveCount = 0
        for first in stride(from: 0, to: rowCount, by: Limits.vectorRows) where hasRows(first) {
            liveCount += 1
        }
        return selectedCount <= liveCount * Self.sparseCount
    }

    /// Up to `limit` of the rows that are left, at most 4,096, from `row` on.
    func rows(from row: Int, upTo limit: Int, into rows: UnsafeMutablePointer<UInt16>) -> Int {
        var count = 0
        var word = row / 64
        guard row < rowCount else { return 0 }
        var bits = mask[word] & (.max << UInt64(row & 63))
        let wordCount = MaskWords.wordCount(rowCount)
        while true {
            while bits != 0 {
                rows[count] = UInt16(truncatingIfNeeded: word &* 64 &+ bits.trailingZeroBitCount)
                count &+= 1
                bits &= bits &- 1
                if count == limit { return count }
            }
            word &+= 1
            guard word < wordCount else { return count }
            bits = mask[word]
        }
    }
}
