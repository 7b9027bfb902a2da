internal import StoaModel

/// Constants, signs, arithmetic and casts.
extension ExpressionBinder {
    func constant(
        _ kind: SyntaxTree.Kind, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        switch kind {
        case .string(let value): return literal(.string(value), .string, position)
        case .boolean(let value): return literal(.bool(value), .bool, position)
        case .floatNumber:
            let value = Double(String(decoding: text[position], as: UTF8.self)) ?? .infinity
            guard value.isFinite else { throw numberTooLarge("FLOAT64", position) }
            return literal(.float(value), .float64, position)
        case .number:
            let number = text.withUnsafeBytes {
                ExactNumber(text: UnsafeRawBufferPointer(rebasing: $0[position]))
            }
            guard let number else { throw numberTooLarge("38 digits", position) }
            guard text[position].contains(UInt8(ascii: ".")) else {
                let (value, type) = LiteralCast.integer(number.unscaled)
                return literal(value, type, position)
            }
            let scale = UInt8(number.scale)
            return literal(
                .decimal(unscaled: number.unscaled, scale: scale),
                .decimal(precision: number.precision, scale: scale), position)
        default:
            // NULL: its type is what it meets.
            return literal(.null, .bool, position)
        }
    }

    private func numberTooLarge(_ limit: String, _ position: Range<Int>) -> QueryError {
        QueryError(.numericOverflow, "The number does not fit \(limit).", position: position)
    }

    /// NULL without a type of its own.
    func isBareNull(_ expression: BoundExpression) -> Bool { expression.literal == .null }

    /// A bare NULL as a NULL of that type; anything else as it is.
    func typed(_ expression: BoundExpression, as type: ColumnType) -> BoundExpression {
        isBareNull(expression) ? literal(.null, type, expression.position) : expression
    }

    /// The operand of a sign.
    func sign(
        _ operand: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let operand = typed(operand, as: .int64)
        if case .interval = operand.node { return operand }
        guard operand.type.isNumeric else {
            throw QueryError(
                .typeMismatch, "A sign needs a number, not \(operand.type).",
                position: operand.position)
        }
        return operand
    }

    func negation(
        _ operand: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if case .interval(let interval) = operand.node {
            return try self.interval(interval.negated, position)
        }
        let type = TypeRules.negation(operand.type)
        switch operand.literal {
        case .integer(let value) where type == .int64:
            let (negated, negatedType) = LiteralCast.integer(-value)
            if negatedType == .int64 { return literal(negated, .int64, position) }
        case .decimal(let value, 0) where value == -Int128(Int64.min):
            return literal(.integer(-value), .int64, position)
        case .integer(let value):
            return literal(.decimal(unscaled: -value, scale: 0), type, position)
        case .decimal(let value, let scale):
            return literal(.decimal(unscaled: -value, scale: scale), type, position)
        case .float(let value): return literal(.float(-value), type, position)
        default: break
        }
        return try make(.negate(operand), type, operand.isNullable, position)
    }

    func arithmetic(
        _ operation: ArithmeticOperator, _ left: BoundExpression, _ right: BoundExpression,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if let moment = try timeArithmetic(operation, left, right, position) { return moment }
        let (left, right) = (
            typed(left, as: isBareNull(right) ? .int64 : right.type),
            typed(right, as: isBareNull(left) ? .int64 : left.type)
        )
        try checkOperand(left, operation)
        try checkOperand(right, operation)
        let sizes = (
            operandType(left, beside: right.type), operandType(right, beside: left.type)
        )
        guard let type = TypeRules.arithmetic(operation, sizes.0, sizes.1) else {
            throw QueryError(
                .typeMismatch,
                "\(left.type) \(operation.symbol) \(right.type) has more than 38 digits after "
                    + "the point.", position: position,
                hint: "CAST one side to fewer digits.")
        }
        if let first = left.literal, let second = right.literal,
            let value = ConstantFolding.arithmetic(operation, first, second, type: type)
        {
            return literal(value, type, position)
        }
        return try make(
            .arithmetic(operation, left, right), type, left.isNullable || right.isNullable,
            position)
    }

    /// The type that decides the result: beside a decimal, an integer constant is as long as it
    /// is, so that `1 - discount` stays narrow.
    private func operandType(_ operand: BoundExpression, beside other: ColumnType) -> ColumnType {
        guard other.isDecimal, operand.type.isInteger, let value = operand.literal,
            let number = ExactNumber(value)
        else { return operand.type }
        return .decimal(precision: number.precision, scale: 0)
    }

    private func checkOperand(
        _ operand: BoundExpression, _ operation: ArithmeticOperator
    ) throws(QueryError) {
        guard !operand.type.isNumeric else { return }
        if operand.type.isTime {
            throw QueryError(
                .typeMismatch, "\(operation.symbol) cannot take this \(operand.type).",
                position: operand.position,
                hint: "Times take + and - with an INTERVAL, and - with another time.")
        }
        throw QueryError(
            .typeMismatch, "\(operation.symbol) needs numbers, not \(operand.type).",
            position: operand.position,
            hint: operand.type == .string ? "CAST the text to a number." : nil)
    }

    func cast(
        _ operand: BoundExpression, to type: ColumnType, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if isBareNull(operand) {
            // It stays a cast: a NULL of this type, not one that takes any.
            return try make(.cast(typed(operand, as: type)), type, true, position)
        }
        if let value = operand.literal {
            do throws(CastFailure) {
                let converted = try LiteralCast.cast(value, from: operand.type, to: type)
                return literal(converted, type, position)
            } catch .notAllowed {
                throw Self.error(.notAllowed, from: operand.type, to: type, position: position)
            } catch {
                // `checkCertain` refuses it where every row would meet it.
                return try make(.cast(operand), type, false, position)
            }
        }
        if operand.type == type { return operand }
        guard CastRules.isAllowed(from: operand.type, to: type) else {
            throw Self.error(.notAllowed, from: operand.type, to: type, position: position)
        }
        return try make(.cast(operand), type, operand.isNullable, position)
    }

    /// A CAST that is NULL where it fails.
    func tryCast(
        _ operand: BoundExpression, to type: ColumnType, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        if isBareNull(operand) || operand.type == type {
            return try cast(operand, to: type, position)
        }
        guard CastRules.isAllowed(from: operand.type, to: type) else {
            throw Self.error(.notAllowed, from: operand.type, to: type, position: position)
        }
        return try make(.call(.tryCast, [operand]), type, true, position)
    }

    /// The error for a constant that cannot be converted; `place` begins the sentence.
    static func error(
        _ failure: CastFailure, from source: ColumnType, to target: ColumnType,
        position: Range<Int>, place: String = ""
    ) -> QueryError {
        let (code, message): (ErrorCode, String) =
            switch failure {
            case .notAllowed: (.typeMismatch, "\(source) cannot become \(target).")
            case .invalidText: (.invalidValue, "the text is no \(target).")
            case .outOfRange: (.numericOverflow, "the value does not fit \(target).")
            case .digitsLost: (.invalidValue, "the value has more digits than \(target) keeps.")
            }
        let sentence =
            place.isEmpty ? message.prefix(1).uppercased() + message.dropFirst() : message
        return QueryError(
            code, place + sentence, position: position,
            hint: failure == .invalidText ? hint(target) : nil)
    }

    private static func hint(_ target: ColumnType) -> String? {
        switch target {
        case .date: "Dates are written YYYY-MM-DD."
        case .timestamp:
            "Timestamps are written YYYY-MM-DD hh:mm:ss, with a fraction and a zone or without."
        case .bool: "Write true or false."
        default: nil
        }
    }
}
