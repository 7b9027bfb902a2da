/// AGGREGATE: an aggregation without SQL, so that a tiny client needs no text. Answered like
/// QUERY. Its bytes are fixed; servers without the feature bit answer NOT_SUPPORTED.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  initialCredit
///          8     8  minimumGeneration
///         16     4  timeoutMilliseconds
///         20     4  reserved
///     options:
///     TABLE           required
///     FILTER          any number, all must hold: operator u8, reserved u8, nameByteCount u16,
///                     valueCount u32, column name, then the typed values
///     GROUP_COLUMN    any number: bucketMicroseconds u64 (0: the value itself), column name
///     AGGREGATE_CALL  at least one: function u16, columnByteCount u16, column name (empty for
///                     countAll), name of the output (empty: the server chooses)
///     ORDER           any number: outputIndex u32 (group columns first), descending u8,
///                     nullsFirst u8, reserved u16
///     LIMIT           at most one: limit u64, offset u64
package struct AggregateRequest: WireMessage, Equatable {
    package static let kind = FrameKind.aggregate
    package static let fixedByteCount = 24

    /// A comparison of a column with values. Append; never renumber.
    package enum Operator: UInt8, CaseIterable, Sendable {
        case equal = 1, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case isNull = 7, isNotNull
        case isIn = 9
    }

    /// An aggregate. Append; never renumber.
    package enum Function: UInt16, CaseIterable, Sendable {
        case countAll = 1, count, sum, avg, min, max
    }

    /// A condition on one column.
    package struct Filter: Hashable, Sendable {
        package var column: String
        package var comparison: Operator
        package var values: [TypedValue]

        package init(column: String, comparison: Operator, values: [TypedValue]) {
            self.column = column
            self.comparison = comparison
            self.values = values
        }
    }

    /// A column, or a time bucket of it, that groups are made of.
    package struct GroupColumn: Hashable, Sendable {
        package var column: String
        /// Groups by time buckets of this length; 0: by the value.
        package var bucketMicroseconds: UInt64

        package init(column: String, bucketMicroseconds: UInt64 = 0) {
            self.column = column
            self.bucketMicroseconds = bucketMicroseconds
        }
    }

    /// One aggregate of the answer; `countAll` has no column.
    package struct Call: Hashable, Sendable {
        package var function: Function
        package var column: String
        package var name: String

        package init(function: Function, column: String = "", name: String = "") {
            self.function = function
            self.column = column
            self.name = name
        }
    }

    /// A sort key: one column of the answer.
    package struct Order: Hashable, Sendable {
        package var outputIndex: UInt32
        package var isDescending: Bool
        package var areNullsFirst: Bool

        package init(outputIndex: UInt32, isDescending: Bool = false, areNullsFirst: Bool = false) {
            self.outputIndex = outputIndex
            self.isDescending = isDescending
            self.areNullsFirst = areNullsFirst
        }
    }

    package var table: String
    package var initialCredit: UInt32
    package var minimumGeneration: UInt64 = 0
    package var timeoutMilliseconds: UInt32 = 0
    package var filters: [Filter] = []
    package var groupColumns: [GroupColumn] = []
    package var calls: [Call] = []
    package var orders: [Order] = []
    package var limit: UInt64?
    package var offset: UInt64 = 0

    package init(table: String, initialCredit: UInt32) {
        self.table = table
        self.initialCredit = initialCredit
    }
}
