/// One conjunct of a filter in the simple form that statistics can answer: a column against
/// constants. Used only to skip blocks; the filter itself is still evaluated on what remains.
package struct ScanPredicate: Equatable, Sendable {
    /// What a value must be to pass.
    package enum Test: Equatable, Sendable {
        /// A non-null integer-backed value in the closed range; a nil end is open.
        case integers(min: Int128?, max: Int128?)
        /// A non-null float in the closed range (total order of the design's §3).
        case floats(min: Double?, max: Double?)
        /// A non-null string in the closed range, bytewise.
        case strings(min: [UInt8]?, max: [UInt8]?)
        case isNull
        case isNotNull
    }

    package var columnID: UInt32
    package var test: Test

    package init(columnID: UInt32, test: Test) {
        self.columnID = columnID
        self.test = test
    }

    /// Whether a block with these statistics may hold a row that passes; true when unsure.
    package func mayMatch(_ statistics: BlockStatistics) -> Bool {
        switch test {
        case .isNull: return statistics.nullCount > 0
        case .isNotNull: return statistics.nullCount < statistics.rowCount
        case .integers, .floats, .strings:
            guard statistics.nullCount < statistics.rowCount else { return false }
        }
        switch (test, statistics.bounds) {
        case (.integers(let low, let high), .integers(let min, let max)):
            return low.map { $0 <= max } ?? true && high.map { $0 >= min } ?? true
        case (.floats(let low, let high), .floats(let min, let max)):
            return low.map { !FloatOrder.isLess(max, $0) } ?? true
                && high.map { !FloatOrder.isLess($0, min) } ?? true
        case (.strings(let low, let high), .strings(let min, let max, _)):
            if let low, let max, max.lexicographicallyPrecedes(low) { return false }
            if let high, high.lexicographicallyPrecedes(min) { return false }
            return true
        default: return true
        }
    }
}

/// The total order of floats: -0.0 equals 0.0; all NaN are one value, above +Inf.
package enum FloatOrder {
    /// Whether `left` stands before `right`.
    package static func isLess(_ left: Double, _ right: Double) -> Bool {
        if right.isNaN { return !left.isNaN }
        return left < right  // False when left is NaN.
    }

    /// Whether both are one value: -0.0 and 0.0 are, and so are all NaN.
    package static func isEqual(_ left: Double, _ right: Double) -> Bool {
        left == right || (left.isNaN && right.isNaN)
    }
}
