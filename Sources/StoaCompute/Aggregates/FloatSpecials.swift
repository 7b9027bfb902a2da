internal import StoaBase

/// Which values that are no numbers a sum has met: they decide it whatever their order.
struct FloatSpecials: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let nan = FloatSpecials(rawValue: 1)
    static let positiveInfinity = FloatSpecials(rawValue: 2)
    static let negativeInfinity = FloatSpecials(rawValue: 4)

    mutating func note(_ value: Double) {
        if value.isNaN {
            insert(.nan)
        } else {
            insert(value > 0 ? .positiveInfinity : .negativeInfinity)
        }
    }

    /// The sum, when numbers do not matter.
    var sum: Double? {
        if isEmpty { return nil }
        if self == .positiveInfinity { return .infinity }
        if self == .negativeInfinity { return -.infinity }
        return .nan
    }
}

/// A list of positions in a batch that is used again for each.
final class RowList {
    let base: UnsafeMutablePointer<UInt16>
    var count = 0

    init() {
        base = .allocate(capacity: Limits.batchRows + 1)
        base.initialize(repeating: 0, count: Limits.batchRows + 1)
    }

    deinit { base.deallocate() }
}
