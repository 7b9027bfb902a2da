internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// What the bounds of columns say of expressions over them, before a row is read: GROUP BY
/// `date_trunc('hour', ts)` can use an array as well as GROUP BY of a plain column.
enum ExpressionBounds {
    /// Bounds of the non-null values of an integer-backed expression; nil when nothing is known.
    ///
    /// - Parameter columns: Bounds of the scan columns, as `ScanPlan.bounds`.
    static func of(
        _ expression: BoundExpression, columns: [ClosedRange<Int128>?]
    ) -> ClosedRange<Int128>? {
        guard expression.type.isIntegerBacked else { return nil }
        switch expression.node {
        case .column(let index): return index < columns.count ? columns[index] : nil
        case .literal(let value): return value.exactNumber.map { $0...$0 }
        case .compare, .and, .or, .not, .isNull, .inList, .like: return 0...1
        case .negate(let operand):
            return of(operand, columns: columns).flatMap { Bounds.times($0, -1) }
        case .arithmetic(let operation, let left, let right):
            return arithmetic(operation, left, right, expression.type, columns)
        case .cast(let operand): return cast(operand, to: expression.type, columns)
        case .dateTrunc(let unit, let operand):
            guard let unit = CalendarUnit(rawValue: unit.rawValue) else { return nil }
            return truncated(of(operand, columns: columns), unit, type: operand.type)
        case .extract(let field, let operand):
            guard let field = CalendarField(rawValue: field.rawValue) else { return nil }
            return extracted(of(operand, columns: columns), field, type: operand.type)
        case .shift(let operand, let interval):
            return shifted(of(operand, columns: columns), by: interval)
        case .timeBucket(let bucket, let operand):
            return bucketed(of(operand, columns: columns), bucket, type: operand.type)
        case .choose(_, let results):
            return hull(results.filter { $0.literal != .null }, columns)
        case .call(let function, let operands):
            return call(function, operands, columns)
        case .dateDiff, .interval: return nil
        }
    }

    private static func hull(
        _ expressions: [BoundExpression], _ columns: [ClosedRange<Int128>?]
    ) -> ClosedRange<Int128>? {
        var all: ClosedRange<Int128>?
        for expression in expressions {
            guard let next = of(expression, columns: columns) else { return nil }
            all =
                min(
                    all?.lowerBound ?? next.lowerBound, next.lowerBound)...max(
                    all?.upperBound ?? next.upperBound, next.upperBound)
        }
        return all
    }

    private static func arithmetic(
        _ operation: ArithmeticOperator, _ left: BoundExpression, _ right: BoundExpression,
        _ type: ColumnType, _ columns: [ClosedRange<Int128>?]
    ) -> ClosedRange<Int128>? {
        guard let first = of(left, columns: columns), let second = of(right, columns: columns),
            operation == .multiply || left.type.scale == right.type.scale
        else { return nil }
        switch operation {
        case .add: return within(Bounds.result(.add, first, second), type)
        case .subtract: return within(Bounds.result(.subtract, first, second), type)
        case .multiply: return within(Bounds.result(.multiply, first, second), type)
        case .modulo:
            // The remainder is nearer to 0 than the divisor, and has the dividend's sign.
            let reach = max(second.lowerBound.magnitude, second.upperBound.magnitude)
            guard reach > 0, let limit = Int128(exactly: reach) else { return nil }
            return (first.lowerBound < 0 ? 1 - limit : 0)...(first.upperBound > 0 ? limit - 1 : 0)
        case .divide, .integerDivide: return nil
        }
    }

    private static func within(
        _ range: ClosedRange<Int128>?, _ type: ColumnType
    ) -> ClosedRange<Int128>? {
        guard let range, let allowed = type.integerRange else { return nil }
        return range.clamped(to: allowed)
    }

    private static func cast(
        _ operand: BoundExpression, to type: ColumnType, _ columns: [ClosedRange<Int128>?]
    ) -> ClosedRange<Int128>? {
        guard let range = of(operand, columns: columns) else { return nil }
        let day = Int128(CivilTime.microsecondsPerDay)
        switch (operand.type, type) {
        case (.date, .timestamp): return Bounds.times(range, day)
        case (.timestamp, .date):
            return truncated(range, .day, type: .timestamp).map {
                $0.lowerBound / day...$0.upperBound / day
            }
        case (_, .bool): return 0...1
        case _ where operand.type.scale == type.scale && operand.type.isIntegerBacked:
            return within(range, type)
        default: return nil
        }
    }

    private static func call(
        _ function: ScalarFunction, _ operands: [BoundExpression],
        _ columns: [ClosedRange<Int128>?]
    ) -> ClosedRange<Int128>? {
        switch function {
        case .sign: -1...1
        case .startsWith, .endsWith, .contains, .matches: 0...1
        case .abs: of(operands[0], columns: columns).map { magnitudes($0) }
        default: nil
        }
    }

    // MARK: Single functions

    /// Of absolute values.
    static func magnitudes(_ range: ClosedRange<Int128>) -> ClosedRange<Int128> {
        let reach = max(abs(range.lowerBound), abs(range.upperBound))
        if range.contains(0) { return 0...reach }
        return min(abs(range.lowerBound), abs(range.upperBound))...reach
    }

    /// Of times rounded down; rounding keeps their order.
    static func truncated(
        _ range: ClosedRange<Int128>?, _ unit: CalendarUnit, type: ColumnType
    ) -> ClosedRange<Int128>? {
        ends(range) { values, out in
            if type == .date {
                unit.truncate(dates: values, rowCount: 2, into: out)
            } else {
                unit.truncate(timestamps: values, rowCount: 2, into: out)
            }
        }
    }

    /// Of times rounded down to buckets.
    static func bucketed(
        _ range: ClosedRange<Int128>?, _ bucket: TimeBucket, type: ColumnType
    ) -> ClosedRange<Int128>? {
        let buckets = TimeBuckets(bucket)
        return ends(range) { values, out in
            if type == .date {
                buckets.roundDown(dates: values, rowCount: 2, into: out)
            } else {
                buckets.roundDown(timestamps: values, rowCount: 2, into: out)
            }
        }
    }

    /// Of fields of times; years follow the order of times.
    static func extracted(
        _ range: ClosedRange<Int128>?, _ field: CalendarField, type: ColumnType
    ) -> ClosedRange<Int128>? {
        let all = field.range.map { Int128($0.lowerBound)...Int128($0.upperBound) }
        guard field == .year || field == .isoYear else { return all }
        return ends(range) { values, out in
            if type == .date {
                field.extract(dates: values, rowCount: 2, into: out)
            } else {
                field.extract(timestamps: values, rowCount: 2, into: out)
            }
        } ?? all
    }

    /// Of moments moved by an interval; nil when one might leave the calendar.
    static func shifted(
        _ range: ClosedRange<Int128>?, by interval: Interval
    ) -> ClosedRange<Int128>? {
        guard let range, let first = Int64(exactly: range.lowerBound),
            let last = Int64(exactly: range.upperBound), first >= CivilTime.firstMicrosecond,
            last <= CivilTime.lastMicrosecond, let low = interval.added(to: first),
            let high = interval.added(to: last), low <= high
        else { return nil }
        return Int128(low)...Int128(high)
    }

    /// A function that keeps the order, applied to both ends.
    private static func ends(
        _ range: ClosedRange<Int128>?,
        _ function: (UnsafePointer<Int64>, UnsafeMutablePointer<Int64>) -> Void
    ) -> ClosedRange<Int128>? {
        guard let range, let low = Int64(exactly: range.lowerBound),
            let high = Int64(exactly: range.upperBound)
        else { return nil }
        let values = [low, high]
        var results: [Int64] = [0, 0]
        values.withUnsafeBufferPointer { values in
            results.withUnsafeMutableBufferPointer { results in
                guard let source = values.baseAddress, let out = results.baseAddress else { return }
                function(source, out)
            }
        }
        guard results[0] <= results[1] else { return nil }
        return Int128(results[0])...Int128(results[1])
    }
}
