internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// The conjuncts of a filter that ask for single values, `=` and IN, as blocks' bounds and filters
/// can answer them.
struct PointTests: Sendable {
    /// One of these values has to be in a block.
    private struct Values {
        var columnID: UInt32
        var predicates: [ScanPredicate]
        var hashes: [UInt64]
    }

    /// A longer IN list is not looked at: it takes time for each block.
    private static let valueLimit = 64

    private var tests: [Values] = []

    init(_ plan: SelectPlan) {
        guard let table = plan.table, let filter = plan.filter else { return }
        let columns = plan.scanColumns.map { table.columns[$0] }
        var conjuncts = [filter]
        if case .and(let operands) = filter.node { conjuncts = operands }
        for conjunct in conjuncts {
            for predicate in ScanPredicates.extract(from: conjunct, columns: columns) {
                add([predicate])
            }
            guard case .inList(let operand, let values, _, isNegated: false) = conjunct.node,
                case .column(let index) = operand.node, values.count <= Self.valueLimit
            else { continue }
            add(values.compactMap { Self.predicate(columns[index], $0) }, count: values.count)
        }
    }

    /// A test for one value or, when all of them can be tested, for several.
    private mutating func add(_ predicates: [ScanPredicate], count: Int = 1) {
        let hashes = predicates.compactMap { Self.hash($0.test) }
        guard let first = predicates.first, hashes.count == count else { return }
        tests.append(Values(columnID: first.columnID, predicates: predicates, hashes: hashes))
    }

    /// Column = value, for a value that the column can hold.
    private static func predicate(
        _ column: ColumnDefinition, _ value: Literal
    ) -> ScanPredicate? {
        let test: ScanPredicate.Test? =
            switch value {
            case .integer(let number) where column.type.isInteger:
                .integers(min: number, max: number)
            case .decimal(let number, let scale)
            where column.type.isDecimal && scale == column.type.scale:
                .integers(min: number, max: number)
            case .string(let text) where column.type == .string: .strings(min: text, max: text)
            case .date(let day) where column.type == .date:
                .integers(min: Int128(day), max: Int128(day))
            case .timestamp(let time) where column.type == .timestamp:
                .integers(min: Int128(time), max: Int128(time))
            default: nil
            }
        return test.map { ScanPredicate(columnID: column.id, test: $0) }
    }

    /// The hash of the one value that passes; nil when there may be several.
    private static func hash(_ test: ScanPredicate.Test) -> UInt64? {
        switch test {
        case .integers(let min?, let max?) where min == max:
            BlockFilter.hash(Int64(truncatingIfNeeded: min))
        case .strings(let min?, let max?) where min == max:
            min.withUnsafeBytes { BlockFilter.hash($0) }
        default: nil
        }
    }

    /// Whether a block may hold a row that passes all tests.
    func mayMatch(_ block: ScanBlock, _ reads: ReadGuard) -> Bool {
        for test in tests {
            guard let statistics = block.statistics(test.columnID) else { continue }
            var isPossible = false
            for (predicate, hash) in zip(test.predicates, test.hashes) {
                guard predicate.mayMatch(statistics) else { continue }
                isPossible = block.mayContain(test.columnID, hash: hash, reads)
                if isPossible { break }
            }
            if !isPossible { return false }
        }
        return true
    }
}
