internal import StoaModel

/// CASE, and what is made of it: COALESCE, NULLIF, greatest, least, IS DISTINCT FROM.
extension ExpressionBinder {
    func choice(
        _ conditions: [BoundExpression], _ results: [BoundExpression],
        _ otherwise: BoundExpression?, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var wanted: [BoundExpression] = []
        for condition in conditions { wanted.append(try self.condition(condition)) }
        let last = otherwise ?? literal(.null, .bool, position)
        let (all, type) = try unified(results + [last], of: "CASE")
        return try make(
            .choose(conditions: wanted, results: all), type,
            all.contains(where: \.isNullable), position)
    }

    /// The first operand that is not NULL: `CASE WHEN a IS NOT NULL THEN a … ELSE z END`.
    func coalesce(
        _ operands: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let (all, type) = try unified(operands, of: "COALESCE")
        // Nothing behind an operand that is never NULL is ever looked at.
        var needed: [BoundExpression] = []
        for operand in all where operand.literal != .null {
            needed.append(operand)
            if !operand.isNullable { break }
        }
        guard needed.count > 1 else {
            return needed.first ?? literal(.null, type, position)
        }
        var conditions: [BoundExpression] = []
        for operand in needed.dropLast() {
            conditions.append(try nullTest(operand, isNegated: true, position))
        }
        return try make(
            .choose(conditions: conditions, results: needed), type,
            needed[needed.count - 1].isNullable, position)
    }

    /// `CASE WHEN a = b THEN NULL ELSE a END`
    func nullIf(
        _ left: BoundExpression, _ right: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if isBareNull(left) || isBareNull(right) { return left }
        let equal = try compare(.equal, left, right, position)
        return try make(
            .choose(
                conditions: [equal], results: [literal(.null, left.type, position), left]),
            left.type, true, position)
    }

    /// The greatest or least operand that is not NULL: the first that no later one passes.
    func extreme(
        _ operands: [BoundExpression], isGreatest: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let (all, type) = try unified(operands, of: isGreatest ? "greatest" : "least")
        let known = all.filter { $0.literal != .null }
        guard known.count > 1 else { return known.first ?? literal(.null, type, position) }
        var conditions: [BoundExpression] = []
        for (index, operand) in known.dropLast().enumerated() {
            var tests: [BoundExpression] = []
            if operand.isNullable {
                tests.append(try nullTest(operand, isNegated: true, position))
            }
            for other in known[(index + 1)...] {
                var test = try compare(
                    isGreatest ? .greaterOrEqual : .lessOrEqual, operand, other, position)
                if other.isNullable {
                    test = try logical(
                        [nullTest(other, isNegated: false, position), test], isAnd: false, position)
                }
                tests.append(test)
            }
            conditions.append(
                tests.count == 1 ? tests[0] : try logical(tests, isAnd: true, position))
        }
        return try make(
            .choose(conditions: conditions, results: known), type,
            known.allSatisfy(\.isNullable), position)
    }

    /// `a = b` where NULL equals NULL, and is never NULL itself.
    func distinction(
        _ left: BoundExpression, _ right: BoundExpression, isNegated: Bool,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if isBareNull(left) || isBareNull(right) {
            let operand = isBareNull(left) ? right : left
            return try nullTest(operand, isNegated: !isNegated, position)
        }
        let (first, second) = try comparable(left, right, position)
        var tests = [try compare(.equal, first, second, position)]
        var nulls: [BoundExpression] = []
        for operand in [first, second] where operand.isNullable {
            tests.append(try nullTest(operand, isNegated: true, position))
            nulls.append(try nullTest(operand, isNegated: false, position))
        }
        var same = tests.count == 1 ? tests[0] : try logical(tests, isAnd: true, position)
        if nulls.count == 2 {
            let bothNull = try logical(nulls, isAnd: true, position)
            same = try logical([same, bothNull], isAnd: false, position)
        }
        return isNegated ? same : try make(.not(same), .bool, same.isNullable, position)
    }

    func nullTest(
        _ operand: BoundExpression, isNegated: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        try make(.isNull(operand, isNegated: isNegated), .bool, false, position)
    }

    // MARK: One type

    /// All expressions as one type: the same, the number type that holds all, TIMESTAMP of times;
    /// constants take the type of what they stand beside.
    func unified(
        _ expressions: [BoundExpression], of place: String
    ) throws(QueryError) -> ([BoundExpression], ColumnType) {
        var type: ColumnType?
        // Constants last: they bend.
        for expression in expressions where !isBareNull(expression) && expression.literal == nil {
            type = try common(type, expression, place)
        }
        for expression in expressions where !isBareNull(expression) && expression.literal != nil {
            type = try common(type, expression, place)
        }
        let found = type ?? .int64
        var all: [BoundExpression] = []
        for expression in expressions {
            if isBareNull(expression) {
                all.append(literal(.null, found, expression.position))
            } else if expression.type == found {
                all.append(expression)
            } else {
                all.append(try cast(expression, to: found, expression.position))
            }
        }
        return (all, found)
    }

    private func common(
        _ known: ColumnType?, _ expression: BoundExpression, _ place: String
    ) throws(QueryError) -> ColumnType {
        guard let known, known != expression.type else { return expression.type }
        let other = expression.type
        if let value = expression.literal {
            if case .string = value, known != .string { return known }
            if case .integer(let number) = value, known.isInteger,
                known.integerRange?.contains(number) ?? false
            {
                return known
            }
            if case .integer = value, known.isDecimal, let number = ExactNumber(value) {
                return TypeRules.common(
                    known, .decimal(precision: number.precision, scale: 0)) ?? known
            }
        }
        if let common = TypeRules.common(known, other) { return common }
        throw QueryError(
            .typeMismatch, "\(place) cannot give both \(known) and \(other).",
            position: expression.position, hint: "CAST one of them.")
    }
}
