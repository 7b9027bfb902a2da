package import StoaModel

/// One aggregate to compute per group. Rows whose argument is NULL are skipped.
package struct AggregateCall: Hashable, Sendable {
    /// What it computes.
    package enum Function: UInt8, CaseIterable, Hashable, Sendable {
        /// `count(*)`: rows.
        case countAll
        /// `count(x)`: rows where `x` is not NULL.
        case count
        case sum, avg, min, max
        case varPop, varSamp, stddevPop, stddevSamp
        /// The argument in the row of the least `by`, of equal ones the first row. Without a `by`
        /// the first row.
        case first
        /// The argument in the row of the greatest `by`, of equal ones the last row. Without a
        /// `by` the last row.
        case last
        case anyValue
        /// As `first` and `last`, but of equal `by` always the first row.
        case argMin, argMax

        /// As SQL writes it.
        package var name: String {
            switch self {
            case .countAll, .count: "count"
            case .sum: "sum"
            case .avg: "avg"
            case .min: "min"
            case .max: "max"
            case .varPop: "var_pop"
            case .varSamp: "var_samp"
            case .stddevPop: "stddev_pop"
            case .stddevSamp: "stddev_samp"
            case .first: "first"
            case .last: "last"
            case .anyValue: "any_value"
            case .argMin: "arg_min"
            case .argMax: "arg_max"
            }
        }
    }

    package let function: Function
    /// Over the scan columns; nil for `count(*)`.
    package let argument: BoundExpression?
    /// What orders the rows of `first`, `last`, `arg_min` and `arg_max`; rows where it is NULL are
    /// skipped.
    package let by: BoundExpression?
    /// Whether equal arguments of a group count once; of `count`, `sum` and `avg`.
    package let isDistinct: Bool
    /// BOOL over the scan columns: only rows where it is TRUE count. Nil: all rows.
    package let filter: BoundExpression?
    /// The result's type.
    package let type: ColumnType

    package init(
        function: Function, argument: BoundExpression?, by: BoundExpression? = nil,
        isDistinct: Bool = false, filter: BoundExpression? = nil, type: ColumnType
    ) {
        self.function = function
        self.argument = argument
        self.by = by
        self.isDistinct = isDistinct
        self.filter = filter
        self.type = type
    }

    /// Whether the result can be NULL: all but the counts, which are 0 of nothing.
    package var isNullable: Bool { function != .countAll && function != .count }
}
