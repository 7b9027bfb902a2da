internal import StoaModel

/// Functions of one row's values.
extension ExpressionBinder {
    /// Functions that give text, with the fewest and most arguments; the first is a text.
    private static let textFunctions: [String: (ScalarFunction, ClosedRange<Int>)] = [
        "lower": (.lower, 1...1), "lcase": (.lower, 1...1), "upper": (.upper, 1...1),
        "ucase": (.upper, 1...1), "reverse": (.reverse, 1...1), "trim": (.trim, 1...2),
        "ltrim": (.ltrim, 1...2), "rtrim": (.rtrim, 1...2), "substring": (.substring, 2...3),
        "substr": (.substring, 2...3), "left": (.left, 2...2), "right": (.right, 2...2),
        "lpad": (.lpad, 3...3), "rpad": (.rpad, 3...3), "repeat": (.repeat, 2...2),
        "replace": (.replace, 3...3),
    ]

    /// Functions of FLOAT64 with so many arguments.
    private static let floatFunctions: [String: (ScalarFunction, Int)] = [
        "sqrt": (.sqrt, 1), "cbrt": (.cbrt, 1), "exp": (.exp, 1), "ln": (.ln, 1),
        "log": (.log10, 1), "log10": (.log10, 1), "log2": (.log2, 1), "power": (.power, 2),
        "pow": (.power, 2),
    ]

    /// `year(ts)` is `extract(year FROM ts)`.
    private static let fieldFunctions: [String: TimeField] = [
        "year": .year, "quarter": .quarter, "month": .month, "week": .week,
        "weekofyear": .week, "isoyear": .isoYear, "day": .day, "dayofmonth": .day,
        "dayofweek": .dayOfWeek, "isodow": .isoDayOfWeek, "dayofyear": .dayOfYear, "hour": .hour,
        "minute": .minute, "second": .second, "millisecond": .millisecond,
        "microsecond": .microsecond, "epoch": .epoch,
    ]

    /// The call of a function; nil when there is none of that name.
    mutating func scalarCall(
        _ function: Identifier, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        let name = function.folded
        if let (found, counts) = Self.textFunctions[name] {
            try checkCount(arguments, counts, function, position)
            return try textCall(found, arguments, position)
        }
        if let (found, count) = Self.floatFunctions[name] {
            try checkCount(arguments, count, function, position)
            return try floatCall(found, arguments, function, position)
        }
        if let field = Self.fieldFunctions[name] {
            try checkCount(arguments, 1, function, position)
            return try extract(
                Identifier(text: field.rawValue, isQuoted: false, position: function.position),
                arguments[0], position)
        }
        if let call = try timeCall(function, arguments, position) { return call }
        if let call = try numberCall(function, arguments, position) { return call }
        return try otherCall(function, arguments, position)
    }

    private func otherCall(
        _ function: Identifier, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        switch function.folded {
        case "coalesce", "greatest", "least", "concat":
            try checkCount(arguments, 1...1_000, function, position)
            switch function.folded {
            case "coalesce": return try coalesce(arguments, position)
            case "concat": return try concat(arguments, position)
            default:
                let isGreatest = function.folded == "greatest"
                return try extreme(arguments, isGreatest: isGreatest, position)
            }
        case "ifnull":
            try checkCount(arguments, 2, function, position)
            return try coalesce(arguments, position)
        case "nullif":
            try checkCount(arguments, 2, function, position)
            return try nullIf(arguments[0], arguments[1], position)
        case "length", "len", "char_length", "character_length":
            try checkCount(arguments, 1, function, position)
            return try textCall(.length, arguments, position)
        case "octet_length", "strlen":
            try checkCount(arguments, 1, function, position)
            return try textCall(.octetLength, arguments, position)
        case "strpos", "instr", "position":
            try checkCount(arguments, 2, function, position)
            return try textCall(.position, arguments, position)
        case "starts_with", "prefix", "ends_with", "suffix", "contains":
            try checkCount(arguments, 2, function, position)
            return try textTest(function.folded, arguments, position)
        default: return nil
        }
    }

    private func timeCall(
        _ function: Identifier, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        switch function.folded {
        case "now", "current_timestamp", "current_date", "today", "version", "current_user",
            "session_user", "user", "current_database", "current_catalog", "current_schema":
            try checkCount(arguments, 0, function, position)
            return systemValue(function.folded, position)
        case "current_schemas":
            try checkCount(arguments, 1, function, position)
            return systemValue(function.folded, position)
        case "time_bucket": return try timeBucket(arguments, position)
        case "date_diff", "datediff":
            try checkCount(arguments, 3, function, position)
            return try dateDiff(arguments, position)
        case "epoch_us", "epoch_ms", "epoch_ns":
            try checkCount(arguments, 1, function, position)
            let isNanoseconds = function.folded == "epoch_ns"
            return try epoch(
                arguments[0], factor: isNanoseconds ? 1_000 : 1,
                divisor: function.folded == "epoch_ms" ? 1_000 : 1, position)
        case "to_timestamp":
            try checkCount(arguments, 1, function, position)
            let seconds = try floatOperand(arguments[0], function)
            return try make(
                .call(.toTimestamp, [seconds]), .timestamp, seconds.isNullable, position)
        case "make_date": return try makeTime(.makeDate, arguments, function, position)
        case "make_timestamp": return try makeTime(.makeTimestamp, arguments, function, position)
        default: return nil
        }
    }

    func checkCount(
        _ arguments: [BoundExpression], _ counts: ClosedRange<Int>, _ function: Identifier,
        _ position: Range<Int>
    ) throws(QueryError) {
        if counts.contains(arguments.count) { return }
        let wanted =
            counts.lowerBound == counts.upperBound
            ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
        throw QueryError(
            .typeMismatch,
            "\(function.folded) takes \(wanted) argument\(wanted == "1" ? "" : "s"), not "
                + "\(arguments.count).", position: position)
    }

    // MARK: Numbers

    private func numberCall(
        _ function: Identifier, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression? {
        switch function.folded {
        case "mod":
            try checkCount(arguments, 2, function, position)
            return try arithmetic(.modulo, arguments[0], arguments[1], position)
        case "abs", "sign", "floor", "ceil", "ceiling", "trunc":
            try checkCount(arguments, 1, function, position)
            return try rounding(function, try numberOperand(arguments[0], function), position)
        case "round":
            try checkCount(arguments, 1...2, function, position)
            return try round(arguments, function, position)
        default: return nil
        }
    }

    private func numberOperand(
        _ operand: BoundExpression, _ function: Identifier
    ) throws(QueryError) -> BoundExpression {
        let operand = typed(operand, as: .int64)
        guard operand.type.isNumeric else {
            throw QueryError(
                .typeMismatch, "\(function.folded) needs a number, not \(operand.type).",
                position: operand.position,
                hint: operand.type == .string ? "CAST the text to a number." : nil)
        }
        return operand
    }

    func floatOperand(
        _ operand: BoundExpression, _ function: Identifier
    ) throws(QueryError) -> BoundExpression {
        let operand = try numberOperand(operand, function)
        return try cast(operand, to: .float64, operand.position)
    }

    private func floatCall(
        _ function: ScalarFunction, _ arguments: [BoundExpression], _ name: Identifier,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var operands: [BoundExpression] = []
        for argument in arguments { operands.append(try floatOperand(argument, name)) }
        return try make(
            .call(function, operands), .float64, operands.contains(where: \.isNullable), position)
    }

    private func rounding(
        _ function: Identifier, _ operand: BoundExpression, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let type = operand.type
        let wholeDigits = UInt8(min(max(Int(type.precision) - Int(type.scale), 0) + 1, 38))
        switch function.folded {
        case "abs":
            let result = type.isInteger && type != .uint64 ? .int64 : type
            return try make(.call(.abs, [operand]), result, operand.isNullable, position)
        case "sign":
            return try make(.call(.sign, [operand]), .int64, operand.isNullable, position)
        case _ where type.isInteger || (type.isDecimal && type.scale == 0): return operand
        case "trunc" where type.isDecimal:
            let one = literal(.integer(1), .int64, position)
            return try arithmetic(.integerDivide, operand, one, position)
        case "floor", "trunc", "ceil", "ceiling":
            let found: ScalarFunction =
                switch function.folded {
                case "floor": .floor
                case "trunc": .trunc
                default: .ceil
                }
            let result: ColumnType =
                type.isDecimal ? .decimal(precision: wholeDigits, scale: 0) : .float64
            let operand = type.isFloat ? try cast(operand, to: .float64, position) : operand
            return try make(.call(found, [operand]), result, operand.isNullable, position)
        default: return operand
        }
    }

    /// Half away from zero to so many digits; of decimals it is a CAST.
    private func round(
        _ arguments: [BoundExpression], _ function: Identifier, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let operand = try numberOperand(arguments[0], function)
        var digits = 0
        if arguments.count > 1 {
            guard case .integer(let count)? = arguments[1].literal, (0...38).contains(count) else {
                throw QueryError(
                    .notSupported, "round takes 0 to 38 digits, as a constant.",
                    position: arguments[1].position)
            }
            digits = Int(count)
        }
        if operand.type.isFloat {
            let value = try cast(operand, to: .float64, operand.position)
            let places = literal(.integer(Int128(digits)), .int64, position)
            return try make(
                .call(.round, [value, places]), .float64, operand.isNullable, position)
        }
        let (precision, scale) = (Int(operand.type.precision), Int(operand.type.scale))
        guard operand.type.isDecimal, digits < scale else { return operand }
        let target = ColumnType.decimal(
            precision: UInt8(min(precision - scale + digits + 1, 38)), scale: UInt8(digits))
        return try cast(operand, to: target, position)
    }

    // MARK: Text

    /// A STRING; other constants and values are written as text where `converts`.
    private func textOperand(
        _ operand: BoundExpression, _ function: ScalarFunction, converts: Bool = false
    ) throws(QueryError) -> BoundExpression {
        let operand = typed(operand, as: .string)
        if operand.type == .string { return operand }
        if converts { return try cast(operand, to: .string, operand.position) }
        throw QueryError(
            .typeMismatch, "\(function.rawValue) needs STRING, not \(operand.type).",
            position: operand.position, hint: "CAST it to STRING.")
    }

    private func textCall(
        _ function: ScalarFunction, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var operands: [BoundExpression] = []
        for (index, argument) in arguments.enumerated() {
            let isNumber =
                switch function {
                case .substring: index > 0
                case .left, .right, .lpad, .rpad, .repeat: index == 1
                default: false
                }
            guard isNumber else {
                operands.append(try textOperand(argument, function))
                continue
            }
            let number = typed(argument, as: .int64)
            guard number.type.isInteger else {
                throw QueryError(
                    .typeMismatch,
                    "\(function.rawValue) needs a whole number here, not \(number.type).",
                    position: number.position)
            }
            operands.append(try cast(number, to: .int64, number.position))
        }
        let type: ColumnType = function.isText ? .string : .int64
        return try make(
            .call(function, operands), type, operands.contains(where: \.isNullable), position)
    }

    /// `a || b`, NULL where one is NULL.
    func concatenation(
        _ operands: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var parts: [BoundExpression] = []
        for operand in operands {
            let text = try textOperand(operand, .concatenate, converts: true)
            // A chain is one call.
            if case .call(.concatenate, let inner) = text.node {
                parts += inner
            } else {
                parts.append(text)
            }
        }
        return try make(
            .call(.concatenate, parts), .string, parts.contains(where: \.isNullable), position)
    }

    private func concat(
        _ operands: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var parts: [BoundExpression] = []
        for operand in operands where !isBareNull(operand) {
            parts.append(try textOperand(operand, .concat, converts: true))
        }
        guard !parts.isEmpty else { return literal(.string([]), .string, position) }
        return try make(.call(.concat, parts), .string, false, position)
    }

    /// `starts_with` and its like; a constant without wildcards is a LIKE, which can skip blocks.
    private func textTest(
        _ name: String, _ arguments: [BoundExpression], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let function: ScalarFunction =
            switch name {
            case "starts_with", "prefix": .startsWith
            case "ends_with", "suffix": .endsWith
            default: .contains
            }
        let text = try textOperand(arguments[0], function)
        let sought = try textOperand(arguments[1], function)
        let percent = UInt8(ascii: "%")
        if case .string(let bytes)? = sought.literal, !bytes.isEmpty, text.literal == nil,
            !bytes.contains(percent), !bytes.contains(UInt8(ascii: "_"))
        {
            var pattern = bytes
            if function != .startsWith { pattern.insert(percent, at: 0) }
            if function != .endsWith { pattern.append(percent) }
            return try make(
                .like(text, pattern: pattern, isNegated: false), .bool, text.isNullable, position)
        }
        return try make(
            .call(function, [text, sought]), .bool, text.isNullable || sought.isNullable, position)
    }

    /// LIKE … ESCAPE: what is escaped is marked by a backslash.
    func escapedLike(
        _ operand: BoundExpression, _ pattern: [UInt8], _ escape: BoundExpression,
        isNegated: Bool, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard case .string(let mark)? = escape.literal, mark.count <= 1 else {
            throw QueryError(
                .invalidValue, "ESCAPE takes one ASCII character, as a constant.",
                position: escape.position)
        }
        guard let mark = mark.first, pattern.contains(mark) else {
            return try make(
                .like(operand, pattern: pattern, isNegated: isNegated), .bool, operand.isNullable,
                position)
        }
        let backslash = UInt8(ascii: "\\")
        var marked: [UInt8] = []
        var isEscaped = false
        for byte in pattern {
            if byte == mark, !isEscaped {
                isEscaped = true
                continue
            }
            if isEscaped || byte == backslash { marked.append(backslash) }
            marked.append(byte)
            isEscaped = false
        }
        guard !isEscaped else {
            throw QueryError(
                .invalidValue, "The pattern ends with its escape character.", position: position)
        }
        let constant = literal(.string(marked), .string, position)
        let test = try make(
            .call(.matches, [operand, constant]), .bool, operand.isNullable, position)
        return isNegated ? try make(.not(test), .bool, test.isNullable, position) : test
    }

    /// A constant in lower case, as `lower` makes it.
    func lowered(_ bytes: [UInt8]) -> [UInt8] {
        TextCase.lower(bytes)
    }

    /// The value of a parameter, as a constant.
    func parameter(
        _ name: ParameterName, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard let parameter = context.parameter(name) else {
            throw QueryError(
                .invalidValue, "A parameter has no value.", position: position)
        }
        return literal(parameter.value, parameter.type, position)
    }
}
