internal import StoaModel

/// Intervals, moments and the functions of time.
extension ExpressionBinder {
    /// `+` and `-` of times and intervals, `*` of an interval; nil when none is there.
    func timeArithmetic(
        _ operation: ArithmeticOperator, _ left: BoundExpression, _ right: BoundExpression,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        switch (left.node, right.node, operation) {
        case (.interval(let first), .interval(let second), .add):
            return try interval(first.plus(second), position)
        case (.interval(let first), .interval(let second), .subtract):
            return try interval(second.negated.flatMap(first.plus), position)
        case (.interval(let interval), .literal(.integer(let factor)), .multiply),
            (.literal(.integer(let factor)), .interval(let interval), .multiply):
            return try self.interval(Int64(exactly: factor).flatMap(interval.times), position)
        case (_, .interval(let interval), .add):
            return try shift(left, interval, position)
        case (.interval(let interval), _, .add):
            return try shift(right, interval, position)
        case (_, .interval(let interval), .subtract):
            guard let negated = interval.negated else {
                throw overflow("INTERVAL", position)
            }
            return try shift(left, negated, position)
        default: break
        }
        if left.type == .date, right.type.isInteger {
            return try dateStep(left, right, operation, position)
        }
        if operation == .add, left.type.isInteger, right.type == .date {
            return try dateStep(right, left, operation, position)
        }
        guard operation == .subtract, left.type.isTime || right.type.isTime else { return nil }
        return try difference(left, right, position)
    }

    /// Two TIMESTAMPs to microseconds, two DATEs to days.
    private func difference(
        _ left: BoundExpression, _ right: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        var left = typed(left, as: right.type)
        var right = typed(right, as: left.type)
        // A constant text is a moment beside a time.
        if case .string? = left.literal { left = try cast(left, to: right.type, left.position) }
        if case .string? = right.literal { right = try cast(right, to: left.type, right.position) }
        guard left.type.isTime, right.type.isTime else { return nil }
        if left.type != right.type {
            left = try cast(left, to: .timestamp, left.position)
            right = try cast(right, to: .timestamp, right.position)
        }
        return try make(
            .arithmetic(.subtract, left, right), .int64, left.isNullable || right.isNullable,
            position)
    }

    func interval(
        _ interval: Interval?, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard let interval else { throw overflow("INTERVAL", position) }
        return try make(.interval(interval), .int64, false, position)
    }

    private func overflow(_ type: String, _ position: Range<Int>) -> QueryError {
        QueryError(.numericOverflow, "The value does not fit \(type).", position: position)
    }

    /// A moment moved by an interval; of a constant at once.
    func shift(
        _ operand: BoundExpression, _ interval: Interval, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let operand = try timeOperand(operand, of: "INTERVAL")
        let moment = try cast(operand, to: .timestamp, operand.position)
        if case .timestamp(let value)? = moment.literal {
            if let moved = interval.added(to: value) {
                return literal(.timestamp(moved), .timestamp, position)
            }
            // It is an error only where a row meets it.
        }
        return try make(.shift(moment, interval), .timestamp, moment.isNullable, position)
    }

    /// `time_bucket(width, x [, origin])`
    func timeBucket(
        _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard arguments.count == 2 || arguments.count == 3 else {
            throw QueryError(
                .typeMismatch, "time_bucket takes 2 or 3 arguments, not \(arguments.count).",
                position: position, hint: "time_bucket(INTERVAL '15 minutes', ts)")
        }
        let width = try bucketWidth(arguments[0])
        var operand = try timeOperand(arguments[1], of: "time_bucket")
        // Buckets of months begin with 2000, others on a Monday, as in other systems.
        var origin = try moment(2_000, 1, width.months > 0 ? 1 : 3)
        if arguments.count == 3 {
            let given = try timeOperand(arguments[2], of: "time_bucket")
            guard
                case .timestamp(let moment)? = try cast(
                    given, to: .timestamp, given.position
                ).literal
            else {
                throw QueryError(
                    .notSupported, "time_bucket takes the origin as a constant.",
                    position: given.position)
            }
            origin = moment
        }
        let isWholeDays = width.microseconds % CivilTime.microsecondsPerDay == 0
        if operand.type == .date, !isWholeDays || arguments.count == 3 {
            operand = try cast(operand, to: .timestamp, operand.position)
        }
        return try make(
            .timeBucket(TimeBucket(width: width, origin: origin), operand), operand.type,
            operand.isNullable, position)
    }

    private func bucketWidth(_ argument: BoundExpression) throws(QueryError) -> Interval {
        var width: Interval?
        if case .interval(let interval) = argument.node { width = interval }
        if case .string(let text)? = argument.literal { width = IntervalText.parse(text) }
        guard let width else {
            throw QueryError(
                .typeMismatch, "time_bucket takes an INTERVAL first.",
                position: argument.position, hint: "time_bucket(INTERVAL '15 minutes', ts)")
        }
        // A width beyond all times would leave one bucket in any case.
        let limit = CivilTime.lastMicrosecond
        let isFixed = width.months == 0 && (1...limit).contains(width.microseconds)
        let isCalendar = width.microseconds == 0 && (1...120_000).contains(width.months)
        guard isFixed || isCalendar else {
            throw QueryError(
                .invalidValue,
                "The width of time_bucket is months, or a fixed time, and more than 0.",
                position: argument.position)
        }
        return width
    }

    private func moment(_ year: Int, _ month: Int, _ day: Int) throws(QueryError) -> Int64 {
        let days = CivilTime.days(CivilTime.Day(year: year, month: month, day: day))
        return Int64(days ?? 0) * CivilTime.microsecondsPerDay
    }

    /// `date_diff(unit, a, b)`: boundaries from a to b.
    func dateDiff(
        _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let unit = try timeUnit(arguments[0], of: "date_diff")
        var times: [BoundExpression] = []
        for argument in arguments.dropFirst() {
            let operand = try timeOperand(argument, of: "date_diff")
            times.append(try cast(operand, to: .timestamp, operand.position))
        }
        return try make(
            .dateDiff(unit, times[0], times[1]), .int64, times.contains(where: \.isNullable),
            position)
    }

    /// `epoch_us`, `epoch_ms`, `epoch_ns`: whole units since 1970.
    func epoch(
        _ operand: BoundExpression, factor: Int64, divisor: Int64, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let operand = try timeOperand(operand, of: "epoch")
        let moment = try cast(operand, to: .timestamp, operand.position)
        // A division counts from the first moment, so that it never meets a negative number and
        // rounds down before 1970, too.
        let start = divisor > 1 ? CivilTime.firstMicrosecond : 0
        let zero = literal(.timestamp(start), .timestamp, position)
        var value = try make(
            .arithmetic(.subtract, moment, zero), .int64, moment.isNullable, position)
        if factor > 1 {
            let constant = literal(.integer(Int128(factor)), .int64, position)
            value = try arithmetic(.multiply, value, constant, position)
        }
        if divisor > 1 {
            let constant = literal(.integer(Int128(divisor)), .int64, position)
            value = try arithmetic(.integerDivide, value, constant, position)
            let shift = literal(.integer(Int128(start / divisor)), .int64, position)
            value = try arithmetic(.add, value, shift, position)
        }
        return value
    }
}

extension Interval {
    /// The moment so much later: months first, on the last day where the month is too short; nil
    /// outside the years 0001 to 9999.
    package func added(to moment: Int64) -> Int64? {
        var moment = moment
        if months != 0 {
            let (days, time) = CivilTime.split(microseconds: moment)
            var day = CivilTime.day(days)
            let (count, overflow) = (day.year * 12 + day.month - 1)
                .addingReportingOverflow(months)
            guard !overflow, count >= 12, count < 120_000 else { return nil }
            day.year = count / 12
            day.month = count % 12 + 1
            day.day = min(day.day, CivilTime.dayCount(year: day.year, month: day.month))
            guard let moved = CivilTime.days(day) else { return nil }
            moment = Int64(moved) * CivilTime.microsecondsPerDay + time
        }
        let (sum, overflow) = moment.addingReportingOverflow(microseconds)
        guard !overflow, sum >= CivilTime.firstMicrosecond, sum <= CivilTime.lastMicrosecond else {
            return nil
        }
        return sum
    }
}
