internal import StoaBase
internal import StoaModel

/// Functions.
extension ExpressionBinder {
    /// `count(*)`
    mutating func starCall(
        _ function: Identifier, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard function.isWord("count") else {
            if FunctionCatalog.functionNames.contains(function.folded) {
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
        guard FunctionCatalog.functionNames.contains(function.folded) else {
            throw unknownFunction(function)
        }
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
        let known = FunctionCatalog.functionNames.sorted()
        let near = Suggestion.nearest(to: function.text, among: known)
        let instead = Self.otherFunctions[function.folded] ?? near.map { "Did you mean \($0)?" }
        let all = "SHOW FUNCTIONS lists all."
        return QueryError(
            .unknownFunction, "There is no function \"\(function.text)\".",
            position: function.position, hint: instead.map { "\($0) \(all)" } ?? all)
    }

    /// What other systems' functions are here.
    private static let otherFunctions: [String: String] = {
        let rules: [(names: String, instead: String)] = [
            ("nvl isnull", "Use coalesce(a, b), or a IS NULL."),
            ("if iff iif decode multiif", "Use CASE WHEN … THEN … ELSE … END."),
            ("date_add dateadd adddate", "Use t + INTERVAL '1 day'."),
            ("date_sub datesub subdate", "Use t - INTERVAL '1 day'."),
            ("timestampdiff age", "Use date_diff(unit, a, b)."),
            ("unix_timestamp to_unixtime tounixtimestamp", "Use epoch(t)."),
            ("from_unixtime fromunixtimestamp", "Use to_timestamp(seconds)."),
            (
                "to_char strftime date_format format_date datename",
                "Use CAST(t AS STRING), date_trunc and extract."
            ),
            (
                "strptime to_date str_to_date parse_datetime todate todatetime",
                "Use CAST(text AS DATE) or CAST(text AS TIMESTAMP)."
            ),
            (
                "regexp_matches regexp_like regexp_replace regexp_extract match",
                "Use LIKE or ILIKE."
            ),
            ("charindex locate", "Use strpos(s, sought)."),
            (
                "string_agg group_concat listagg list array_agg grouparray",
                "Lists are not supported."
            ),
            (
                "median quantile percentile_cont percentile_disc quantile_cont mode",
                "Quantiles are not supported."
            ),
            (
                "approx_count_distinct uniq uniqexact count_distinct hll",
                "Use count(DISTINCT x), which is exact."
            ),
            ("countif sumif", "Use count_if(c), or an aggregate with FILTER (WHERE c)."),
            ("every", "Use bool_and(c)."), ("argmin argmax", "Use arg_min and arg_max."),
            (
                "row_number rank dense_rank lag lead first_value last_value ntile",
                "Window functions are not supported."
            ),
            ("grouping grouping_id", "GROUPING SETS are not supported."),
            ("random rand uuid gen_random_uuid", "All functions are deterministic."),
            ("typeof pg_typeof", "DESCRIBE SELECT … shows types."),
            ("toint64 toint32 tostring tofloat64", "Use CAST(x AS type)."),
        ]
        var all: [String: String] = [:]
        for rule in rules {
            for name in rule.names.split(separator: " ") { all[String(name)] = rule.instead }
        }
        return all
    }()

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
