internal import StoaBase
internal import StoaCodec
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// The worst rank that can still be among the first rows of an ORDER BY … LIMIT, shared by all
/// workers: what lies beyond need not be read.
final class TopBound: @unchecked Sendable {
    // SAFETY: `rank` is touched only while `lock` is held.
    private let key: SortOrder.Key
    private let column: Int
    private let columnID: UInt32
    private let expression: BoundExpression
    private let lock = Lock()
    private var rank: UInt64?

    /// Nil when the order does not begin with a column of numbers, or nothing limits it.
    init?(_ sorting: SortPlan, columnIDs: [UInt32]) {
        guard sorting.limit != nil, let key = sorting.order.keys.first else { return nil }
        let expression = sorting.columns[key.column]
        guard case .column(let index) = expression.node, index < columnIDs.count,
            expression.type.isIntegerBacked || expression.type.isFloat
        else { return nil }
        self.key = key
        self.expression = expression
        column = index
        columnID = columnIDs[index]
    }

    /// Takes a worker's bound, and gives the best of all.
    func tighten(_ other: UInt64?) -> UInt64? {
        lock.withLock {
            if let other { rank = min(rank ?? other, other) }
            return rank
        }
    }

    /// The condition that rows of a block must meet to be of a rank at most; nil: none is known.
    func conjunct(_ rank: UInt64, _ block: ScanBlock?) -> FilterPlan.Conjunct? {
        guard let block, rank != .max else { return nil }
        var directed = rank
        if key.isNullsFirst {
            // NULLs come before everything: only a block without them can be cut.
            guard block.statistics(columnID)?.nullCount == 0, rank >= 1 << 62 else { return nil }
            directed -= 1 << 62
        }
        // Ranks lack the lowest bit.
        let last = directed << 1 | 1
        let prefix = key.isDescending ? ~last : last
        let test: ColumnTest
        if expression.type.isUnsigned64 {
            let end = Int128(prefix)
            test = .integers([key.isDescending ? end...(.max) : .min...end])
        } else {
            let end = Int64(bitPattern: prefix ^ 1 << 63)
            test =
                expression.type.isFloat
                ? .floats([key.isDescending ? end...(.max) : .min...end])
                : .integers([
                    key.isDescending ? Int128(end)...(.max) : .min...Int128(end)
                ])
        }
        return FilterPlan.Conjunct(column: column, test: .column(test), expression: expression)
    }

    /// The morsels with the most promising first; what is unknown comes before all.
    func ordered(_ morsels: [ScanPlan.Morsel]) -> [ScanPlan.Morsel] {
        let ranked = morsels.enumerated().map { index, morsel in
            (index: index, best: best(morsel.block), morsel: morsel)
        }
        return ranked.sorted { left, right in
            left.best == right.best ? left.index < right.index : left.best < right.best
        }.map(\.morsel)
    }

    /// The best value of a block, as a number that is less where the order begins.
    private func best(_ block: ScanBlock?) -> Double {
        switch block?.statistics(columnID)?.bounds {
        case .integers(let low, let high): key.isDescending ? -Double(high) : Double(low)
        case .floats(let low, let high):
            key.isDescending ? (high.isNaN ? -.infinity : -high) : (low.isNaN ? .infinity : low)
        default: -.infinity
        }
    }
}
