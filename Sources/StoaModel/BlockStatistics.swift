/// What is known of one column's rows in one block without reading them.
package struct BlockStatistics: Equatable, Sendable {
    /// The least and the greatest value, where they are known.
    package enum Bounds: Equatable, Sendable {
        /// All rows are null, or nothing is known.
        case none
        /// Integer-backed columns: exact bounds of the non-null values. UINT64 as its value.
        case integers(min: Int128, max: Int128)
        /// Floats: exact bounds in the total order of the design's §3 (-0.0 equals 0.0, NaN is
        /// above +Inf). FLOAT32 widened.
        case floats(min: Double, max: Double)
        /// Strings: `min` is a lower bound; `max` an upper bound, or nil when none is known.
        /// When `isExact` both are the values themselves.
        case strings(min: [UInt8], max: [UInt8]?, isExact: Bool)
    }

    package var rowCount: Int
    package var nullCount: Int
    package var bounds: Bounds
    /// Exact sum of the non-null values of an integer-backed column; nil for other types.
    package var sum: Int128?

    package init(rowCount: Int, nullCount: Int, bounds: Bounds, sum: Int128? = nil) {
        self.rowCount = rowCount
        self.nullCount = nullCount
        self.bounds = bounds
        self.sum = sum
    }
}
