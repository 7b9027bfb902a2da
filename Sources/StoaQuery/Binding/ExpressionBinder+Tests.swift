internal import StoaModel

/// Conditions: comparisons, logic, IN, LIKE.
extension ExpressionBinder {
    /// An operand of AND, OR, NOT or WHERE.
    func condition(_ operand: BoundExpression) throws(QueryError) -> BoundExpression {
        let operand = typed(operand, as: .bool)
        guard operand.type == .bool else {
            throw QueryError(
                .typeMismatch, "A condition is needed here (BOOL), not \(operand.type).",
                position: operand.position, hint: "Compare it with something.")
        }
        return operand
    }

    func logical(
        _ operands: [BoundExpression], isAnd: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var conditions: [BoundExpression] = []
        for operand in operands { conditions.append(try condition(operand)) }
        let isNullable = conditions.contains(where: \.isNullable)
        return try make(isAnd ? .and(conditions) : .or(conditions), .bool, isNullable, position)
    }

    func compare(
        _ comparison: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let (left, right) = try comparable(left, right, position)
        return try make(
            .compare(comparison, left, right), .bool, left.isNullable || right.isNullable, position)
    }

    /// `low <= x AND x <= high`
    func between(
        _ operand: BoundExpression, _ range: (low: BoundExpression, high: BoundExpression),
        isNegated: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let lower = try compare(.greaterOrEqual, operand, range.low, position)
        let upper = try compare(.lessOrEqual, operand, range.high, position)
        let isNullable = lower.isNullable || upper.isNullable
        let both = try make(.and([lower, upper]), .bool, isNullable, position)
        return isNegated ? try make(.not(both), .bool, isNullable, position) : both
    }

    func like(
        _ operand: BoundExpression, _ pattern: BoundExpression, escape: BoundExpression?,
        ignoresCase: Bool, isNegated: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var operand = typed(operand, as: .string)
        guard operand.type == .string else {
            throw QueryError(
                .typeMismatch, "LIKE needs STRING, not \(operand.type).",
                position: operand.position, hint: "CAST it to STRING.")
        }
        switch pattern.literal {
        case .string(var bytes):
            if ignoresCase {
                operand = try make(
                    .call(.lower, [operand]), .string, operand.isNullable, operand.position)
                bytes = lowered(bytes)
            }
            if let escape {
                return try escapedLike(operand, bytes, escape, isNegated: isNegated, position)
            }
            return try make(
                .like(operand, pattern: bytes, isNegated: isNegated), .bool, operand.isNullable,
                position)
        case .null: return literal(.null, .bool, position)
        default:
            throw QueryError(
                .notSupported, "LIKE takes a constant pattern.", position: pattern.position)
        }
    }

    func inList(
        _ operand: BoundExpression, _ list: [BoundExpression], isNegated: Bool,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if operand.literal != nil, !isBareNull(operand) {
            return try constantInList(operand, list, isNegated: isNegated, position)
        }
        let typeGiver = list.first { !isBareNull($0) }
        let operand = typed(operand, as: typeGiver?.type ?? .bool)
        var literals: [Literal] = []
        var known: Set<Literal> = []
        var hasNull = false
        var others: [BoundExpression] = []
        for item in list {
            if isBareNull(item) {
                hasNull = true
                continue
            }
            let (left, right) = try comparable(operand, item, item.position)
            guard let value = right.literal else {
                others.append(try compare(.equal, operand, item, item.position))
                continue
            }
            // What the operand's type cannot hold is equal to none of its values.
            guard left.type == operand.type,
                let exact = exactly(value, of: right.type, as: operand.type)
            else { continue }
            if known.insert(exact).inserted { literals.append(exact) }
        }
        let hasConstants = others.isEmpty || hasNull || !literals.isEmpty
        let constants = try make(
            .inList(
                operand, literals, hasNull: hasNull, isNegated: isNegated && others.isEmpty),
            .bool, operand.isNullable || hasNull, position)
        if others.isEmpty { return constants }
        return try anyOf(
            (hasConstants ? [constants] : []) + others, isNegated: isNegated, position)
    }

    /// A constant is compared with each item by itself.
    private func constantInList(
        _ operand: BoundExpression, _ list: [BoundExpression], isNegated: Bool,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var matches: [BoundExpression] = []
        for item in list { matches.append(try compare(.equal, operand, item, item.position)) }
        return try anyOf(matches, isNegated: isNegated, position)
    }

    private func anyOf(
        _ matches: [BoundExpression], isNegated: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let any = matches.count == 1 ? matches[0] : try logical(matches, isAnd: false, position)
        return isNegated ? try make(.not(any), .bool, any.isNullable, position) : any
    }

    /// The value as a constant of another type, equal to it; nil when there is none.
    private func exactly(
        _ value: Literal, of source: ColumnType, as target: ColumnType
    ) -> Literal? {
        if source == target || !target.isNumeric { return value }
        var number = ExactNumber(value)
        if case .float(let double) = value {
            if target.isFloat { return value }
            number = FloatRounding.exactNumber(double)
        }
        guard let number else { return nil }
        if target.isFloat {
            let double = number.double
            let isExact =
                FloatRounding.exactly(double, scale: number.scale) == number.unscaled
            return isExact ? .float(double) : nil
        }
        guard let unscaled = number.exactly(atScale: Int(target.scale)),
            let range = target.integerRange, range.contains(unscaled)
        else { return nil }
        return target.isDecimal
            ? .decimal(unscaled: unscaled, scale: target.scale) : .integer(unscaled)
    }

    // MARK: Two sides of a comparison

    /// Both sides as types that compare: any two numbers, or one other type. Constants take the
    /// other side's type where that changes nothing.
    func comparable(
        _ left: BoundExpression, _ right: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> (BoundExpression, BoundExpression) {
        var left = typed(left, as: right.type)
        var right = typed(right, as: left.type)
        if left.type == .string, right.type != .string, case .string(let text)? = left.literal {
            left = try constant(text, comparedWith: right.type, left.position)
        } else if right.type == .string, left.type != .string,
            case .string(let text)? = right.literal
        {
            right = try constant(text, comparedWith: left.type, right.position)
        }
        if left.type.isNumeric, right.type.isNumeric {
            return (adapted(left, beside: right), adapted(right, beside: left))
        }
        if left.type.isTime, right.type.isTime, left.type != right.type {
            return (
                try asTime(left, beside: right), try asTime(right, beside: left)
            )
        }
        guard left.type == right.type else {
            throw QueryError(
                .typeMismatch, "\(left.type) cannot be compared with \(right.type).",
                position: position, hint: "CAST one side.")
        }
        return (left, right)
    }

    /// A string constant as the type it is compared with.
    private func constant(
        _ text: [UInt8], comparedWith type: ColumnType, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if type.isNumeric {
            guard let (value, numberType) = LiteralCast.number(text) else {
                throw QueryError(
                    .invalidValue, "The text is no number, but it is compared with \(type).",
                    position: position)
            }
            return literal(value, numberType, position)
        }
        do throws(CastFailure) {
            if type == .date, let days = text.withUnsafeBytes({ TimeText.parseDate($0) }) {
                return literal(.date(days), .date, position)
            }
            // A date may be compared with a moment.
            let target = type == .date ? .timestamp : type
            return literal(
                try LiteralCast.cast(.string(text), from: .string, to: target), target, position)
        } catch {
            throw Self.error(error, from: .string, to: type, position: position)
        }
    }

    /// One side of DATE beside TIMESTAMP. A moment at midnight becomes the date, so that a column
    /// of dates is compared as it is stored; else the date becomes its midnight.
    private func asTime(
        _ side: BoundExpression, beside other: BoundExpression
    ) throws(QueryError) -> BoundExpression {
        let isMidnight =
            switch (side.literal, other.literal) {
            case (.timestamp(let moment), nil), (nil, .timestamp(let moment)):
                CivilTime.split(microseconds: moment).microsecondOfDay == 0
            default: false
            }
        return try cast(side, to: isMidnight ? .date : .timestamp, side.position)
    }

    /// A numeric constant as a constant of the type it is compared with, where it has the same
    /// value there. Beside floats a decimal constant is the nearest float, and beside a decimal
    /// that is none a float constant the decimal that its shortest text spells.
    private func adapted(
        _ constant: BoundExpression, beside other: BoundExpression
    ) -> BoundExpression {
        let type = other.type
        guard let value = constant.literal, other.literal == nil || type.isFloat else {
            return constant
        }
        if case .float(let double) = value, type.isDecimal,
            let number = LiteralCast.shortestDecimal(double, from: constant.type)
        {
            let spelled = literal(
                .decimal(unscaled: number.unscaled, scale: UInt8(number.scale)),
                .decimal(precision: number.precision, scale: UInt8(number.scale)),
                constant.position)
            return adapted(spelled, beside: other)
        }
        guard let number = ExactNumber(value) else { return constant }
        if type.isFloat {
            if number.scale > 0 {
                let narrow = number.float
                if type == .float32, narrow.isFinite {
                    return literal(.float(Double(narrow)), .float32, constant.position)
                }
                return literal(.float(number.double), .float64, constant.position)
            }
            let double = number.double
            guard FloatRounding.exactly(double, scale: 0) == number.unscaled else {
                return constant
            }
            let isNarrow = type == .float32 && Double(Float(double)) == double
            return literal(.float(double), isNarrow ? .float32 : .float64, constant.position)
        }
        guard let unscaled = number.exactly(atScale: Int(type.scale)),
            let range = type.integerRange, range.contains(unscaled)
        else { return constant }
        let converted: Literal =
            type.isDecimal ? .decimal(unscaled: unscaled, scale: type.scale) : .integer(unscaled)
        return literal(converted, type, constant.position)
    }
}
