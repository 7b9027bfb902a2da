internal import StoaModel

/// Times made of numbers, and moved by them.
extension ExpressionBinder {
    /// `DATE + days` and `DATE - days`; nil for other operators.
    func dateStep(
        _ date: BoundExpression, _ days: BoundExpression, _ operation: ArithmeticOperator,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        guard operation == .add || operation == .subtract else { return nil }
        if let constant = wholeDays(days, operation) {
            // A shift is seen through when blocks are skipped.
            let moved = try shift(date, constant, position)
            return try cast(moved, to: .date, position)
        }
        var count = try cast(typed(days, as: .int64), to: .int64, days.position)
        if operation == .subtract {
            let zero = literal(.integer(0), .int64, position)
            count = try arithmetic(.subtract, zero, count, position)
        }
        return try offset(date, count, position)
    }

    /// A constant number of days.
    private func wholeDays(
        _ count: BoundExpression, _ operation: ArithmeticOperator
    ) -> Interval? {
        guard case .integer(let number)? = count.literal, let days = Int64(exactly: number),
            days != .min
        else { return nil }
        let day = Interval(months: 0, microseconds: CivilTime.microsecondsPerDay)
        return day.times(operation == .add ? days : -days)
    }

    private func offset(
        _ time: BoundExpression, _ count: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        try make(
            .call(.offset, [time, count]), time.type, time.isNullable || count.isNullable,
            position)
    }

    /// `make_date(y, m, d)`, `make_timestamp(y, m, d, h, m, s)`, or days and microseconds since
    /// 1970 as the only argument.
    func makeTime(
        _ function: ScalarFunction, _ arguments: [BoundExpression], _ name: Identifier,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let type: ColumnType = function == .makeDate ? .date : .timestamp
        if arguments.count == 1 {
            let start = literal(type == .date ? .date(0) : .timestamp(0), type, position)
            return try offset(start, try wholeNumber(arguments[0], name), position)
        }
        try checkCount(arguments, type == .date ? 3 : 6, name, position)
        var parts: [BoundExpression] = []
        for argument in arguments.prefix(5) { parts.append(try wholeNumber(argument, name)) }
        for argument in arguments.dropFirst(5) { parts.append(try floatOperand(argument, name)) }
        return try make(
            .call(function, parts), type, parts.contains(where: \.isNullable), position)
    }

    private func wholeNumber(
        _ operand: BoundExpression, _ function: Identifier
    ) throws(QueryError) -> BoundExpression {
        let operand = typed(operand, as: .int64)
        guard operand.type.isInteger else {
            throw QueryError(
                .typeMismatch, "\(function.folded) needs a whole number, not \(operand.type).",
                position: operand.position)
        }
        return try cast(operand, to: .int64, operand.position)
    }
}
