internal import StoaBase
internal import StoaModel

/// Functions.
extension ExpressionBinder {
    static let functionNames: [String] =
        (Array(aggregateNames.keys) + scalarNames + ["cast", "extract"]).sorted()

    /// `count(*)`
    mutating func starCall(
        _ function: Identifier, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard function.isWord("count") else {
            if Self.functionNames.contains(function.folded) {
                throw QueryError(
                    .syntaxError, "Only count takes a *.", position: position,
                    hint: "Name a column.")
            }
            throw unknownFunction(function)
        }
        return try aggregateCall(function, [], AggregateModifiers(isStar: true), position)
    }

    mutating func call(
        _ function: Identifier, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if Self.aggregateNames[function.folded] != nil {
            return try aggregateCall(function, arguments, AggregateModifiers(), position)
        }
        switch function.folded {
        case "date_trunc", "datetrunc":
            try checkCount(arguments, 2, function, position)
            return try dateTrunc(arguments[0], arguments[1], position)
        case "date_part", "datepart":
            try checkCount(arguments, 2, function, position)
            guard case .string(let name)? = arguments[0].literal else {
                throw QueryError(
                    .notSupported, "date_part takes the field as a constant text.",
                    position: arguments[0].position)
            }
            let field = Identifier(
                text: String(decoding: name, as: UTF8.self), isQuoted: true,
                position: arguments[0].position)
            return try extract(field, arguments[1], position)
        default:
            if let call = try scalarCall(function, arguments, position) { return call }
            throw unknownFunction(function)
        }
    }

    func unknownFunction(_ function: Identifier) -> QueryError {
        let near = Suggestion.nearest(to: function.text, among: Self.functionNames)
        return QueryError(
            .unknownFunction, "There is no function \"\(function.text)\".",
            position: function.position,
            hint: near.map { "Did you mean \($0)?" }
                ?? "The functions stand in the manual under SQL.")
    }

    func checkCount(
        _ arguments: [BoundExpression], _ count: Int, _ function: Identifier,
        _ position: Range<Int>
    ) throws(QueryError) {
        guard arguments.count != count else { return }
        throw QueryError(
            .typeMismatch,
            "\(function.folded) takes \(count) argument\(count == 1 ? "" : "s"), not "
                + "\(arguments.count).", position: position)
    }

    // MARK: Time

    private func dateTrunc(
        _ unitName: BoundExpression, _ operand: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let unit = try timeUnit(unitName, of: "date_trunc")
        var operand = try timeOperand(operand, of: "date_trunc")
        if operand.type == .date, unit.isBelowDay {
            operand = try cast(operand, to: .timestamp, operand.position)
        }
        return try make(.dateTrunc(unit, operand), operand.type, operand.isNullable, position)
    }

    /// A unit of time given as constant text, singular or plural.
    func timeUnit(
        _ unitName: BoundExpression, of function: String
    ) throws(QueryError) -> TimeUnit {
        guard case .string(let bytes)? = unitName.literal else {
            throw QueryError(
                .notSupported, "\(function) takes the unit as a constant text.",
                position: unitName.position)
        }
        let name = Names.folded(String(decoding: bytes, as: UTF8.self))
        guard let unit = TimeUnit(rawValue: name) ?? TimeUnit(rawValue: String(name.dropLast())),
            TimeUnit(rawValue: name) != nil || name.hasSuffix("s")
        else {
            throw unknownWord("unit", name, among: TimeUnit.allCases.map(\.rawValue), unitName)
        }
        return unit
    }

    func extract(
        _ field: Identifier, _ operand: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let name = field.folded
        let singular = name.hasSuffix("s") ? String(name.dropLast()) : name
        guard
            let found = TimeField(rawValue: name) ?? Self.fieldNames[name]
                ?? TimeField(rawValue: singular)
        else {
            let place = literal(.null, .bool, field.position)
            throw unknownWord("field", name, among: TimeField.allCases.map(\.rawValue), place)
        }
        let operand = try timeOperand(operand, of: "extract")
        return try make(
            .extract(found, operand), found == .epoch ? .float64 : .int64, operand.isNullable,
            position)
    }

    private static let fieldNames: [String: TimeField] = [
        "dayofweek": .dayOfWeek, "weekday": .dayOfWeek, "dayofyear": .dayOfYear,
        "dayofmonth": .day, "weekofyear": .week, "yr": .year, "mon": .month, "sec": .second,
        "min": .minute, "hr": .hour, "ms": .millisecond, "us": .microsecond,
    ]

    /// A DATE or TIMESTAMP; constant text is read as a moment.
    func timeOperand(
        _ operand: BoundExpression, of function: String
    ) throws(QueryError) -> BoundExpression {
        let operand = typed(operand, as: .timestamp)
        if operand.type.isTime { return operand }
        if case .string? = operand.literal {
            return try cast(operand, to: .timestamp, operand.position)
        }
        throw QueryError(
            .typeMismatch, "\(function) needs DATE or TIMESTAMP, not \(operand.type).",
            position: operand.position,
            hint: operand.type == .string ? "CAST the text to TIMESTAMP." : nil)
    }

    func unknownWord(
        _ kind: String, _ word: String, among known: [String], _ place: BoundExpression
    ) -> QueryError {
        let near = Suggestion.nearest(to: word, among: known)
        return QueryError(
            .invalidValue, "There is no such \(kind) of time.", position: place.position,
            hint: near.map { "Did you mean \($0)?" }
                ?? "The \(kind)s are \(known.joined(separator: ", ")).")
    }
}
