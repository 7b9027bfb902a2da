internal import StoaModel

/// A set of values that holds every value a column has in the rows that pass: maybe NULL, and a
/// range of the others.
struct ColumnDomain: Equatable {
    enum Values: Equatable {
        case none
        case all
        case integers(min: Int128?, max: Int128?)
        case floats(min: Double?, max: Double?)
        case strings(min: [UInt8]?, max: [UInt8]?)
    }

    var mayBeNull: Bool
    var values: Values

    static let onlyNull = ColumnDomain(mayBeNull: true, values: .none)
    static let notNull = ColumnDomain(mayBeNull: false, values: .all)

    static func range(_ values: Values) -> ColumnDomain {
        ColumnDomain(mayBeNull: false, values: values)
    }

    /// What passes both.
    func intersection(_ other: ColumnDomain) -> ColumnDomain {
        ColumnDomain(
            mayBeNull: mayBeNull && other.mayBeNull,
            values: Self.intersection(values, other.values))
    }

    /// The smallest range around what passes either.
    func hull(_ other: ColumnDomain) -> ColumnDomain {
        ColumnDomain(
            mayBeNull: mayBeNull || other.mayBeNull, values: Self.hull(values, other.values))
    }

    private static func intersection(_ left: Values, _ right: Values) -> Values {
        switch (left, right) {
        case (.none, _), (_, .none): return .none
        case (.all, let other), (let other, .all): return other
        case (.integers(let low, let high), .integers(let low2, let high2)):
            return .integers(
                min: tighter(low, low2) { $0 > $1 }, max: tighter(high, high2) { $0 < $1 })
        case (.floats(let low, let high), .floats(let low2, let high2)):
            return .floats(
                min: tighter(low, low2) { FloatOrder.isLess($1, $0) },
                max: tighter(high, high2) { FloatOrder.isLess($0, $1) })
        case (.strings(let low, let high), .strings(let low2, let high2)):
            return .strings(
                min: tighter(low, low2) { $1.lexicographicallyPrecedes($0) },
                max: tighter(high, high2) { $0.lexicographicallyPrecedes($1) })
        default: return left  // One column has one kind of values.
        }
    }

    private static func hull(_ left: Values, _ right: Values) -> Values {
        switch (left, right) {
        case (.none, let other), (let other, .none): return other
        case (.integers(let low, let high), .integers(let low2, let high2)):
            return .integers(
                min: wider(low, low2) { $0 < $1 }, max: wider(high, high2) { $0 > $1 })
        case (.floats(let low, let high), .floats(let low2, let high2)):
            return .floats(
                min: wider(low, low2) { FloatOrder.isLess($0, $1) },
                max: wider(high, high2) { FloatOrder.isLess($1, $0) })
        case (.strings(let low, let high), .strings(let low2, let high2)):
            return .strings(
                min: wider(low, low2) { $0.lexicographicallyPrecedes($1) },
                max: wider(high, high2) { $1.lexicographicallyPrecedes($0) })
        default: return .all
        }
    }

    /// The end that leaves less; an open one leaves most.
    private static func tighter<T>(_ left: T?, _ right: T?, _ isTighter: (T, T) -> Bool) -> T? {
        guard let left, let right else { return left ?? right }
        return isTighter(left, right) ? left : right
    }

    /// The end that leaves more.
    private static func wider<T>(_ left: T?, _ right: T?, _ isWider: (T, T) -> Bool) -> T? {
        guard let left, let right else { return nil }
        return isWider(left, right) ? left : right
    }

    /// The domain as tests that must all hold; fewer where a test cannot say it.
    var tests: [ScanPredicate.Test] {
        switch values {
        case .none: return mayBeNull ? [.isNull] : [.isNull, .isNotNull]
        case _ where mayBeNull: return []
        case .all, .integers(nil, nil), .floats(nil, nil), .strings(nil, nil): return [.isNotNull]
        case .integers(let min, let max): return [.integers(min: min, max: max)]
        case .floats(let min, let max): return [.floats(min: min, max: max)]
        case .strings(let min, let max): return [.strings(min: min, max: max)]
        }
    }
}
