package import StoaModel

/// One aggregate to compute per group. NULL arguments are skipped.
package struct AggregateCall: Hashable, Sendable {
    /// What it computes.
    package enum Function: UInt8, CaseIterable, Hashable, Sendable {
        /// `count(*)`: rows.
        case countAll
        /// `count(x)`: rows where `x` is not NULL.
        case count
        case sum, avg, min, max

        /// As SQL writes it.
        package var name: String {
            switch self {
            case .countAll, .count: "count"
            case .sum: "sum"
            case .avg: "avg"
            case .min: "min"
            case .max: "max"
            }
        }
    }

    package let function: Function
    /// Over the scan columns; nil for `count(*)`.
    package let argument: BoundExpression?
    /// The result's type.
    package let type: ColumnType

    package init(function: Function, argument: BoundExpression?, type: ColumnType) {
        self.function = function
        self.argument = argument
        self.type = type
    }

    /// Whether the result can be NULL: all but the counts, which are 0 of nothing.
    package var isNullable: Bool { function != .countAll && function != .count }
}
