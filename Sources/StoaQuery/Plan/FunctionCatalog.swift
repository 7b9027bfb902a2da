/// A function or operator as SHOW FUNCTIONS lists it.
package struct FunctionEntry: Sendable {
    /// Where it may stand.
    package enum Kind: String, Sendable {
        case scalar, aggregate, `operator`
    }

    /// In lower case.
    package let name: String
    package let kind: Kind
    package let arguments: String
    /// The type of the result in words.
    package let result: String
}

/// Every function and operator there is. A call of what is not listed is refused, so nothing is
/// left out of SHOW FUNCTIONS and of the tests that go through it.
package enum FunctionCatalog {
    /// In the manual's order.
    package static let entries: [FunctionEntry] =
        entries(aggregates, .aggregate) + entries(numbers, .scalar) + entries(texts, .scalar)
        + entries(times, .scalar) + entries(choices, .scalar) + entries(server, .scalar)
        + entries(operators, .operator)

    /// Functions, aggregates among them, by name.
    static let functionNames = Set(
        entries.lazy.filter { $0.kind != .operator }.map(\.name))

    /// One line for each: names with commas, arguments, result.
    private static func entries(_ table: String, _ kind: FunctionEntry.Kind) -> [FunctionEntry] {
        table.split(separator: "\n").flatMap { line in
            let cells = line.split(separator: ";", omittingEmptySubsequences: false)
                .map { $0.drop { $0 == " " } }
            return cells[0].split(separator: " ").map { name in
                FunctionEntry(
                    name: String(name), kind: kind, arguments: String(cells[1]),
                    result: String(cells[2]))
            }
        }
    }

    private static let aggregates = """
        count; * or [DISTINCT] x; INT64
        sum; [DISTINCT] x; DECIMAL(38,s) or FLOAT64
        avg mean; [DISTINCT] x; DECIMAL(38,s) or FLOAT64
        min max; x; as x
        var_pop var_samp variance stddev_pop stddev_samp stddev; x; FLOAT64
        first last; x [, by]; as x
        arg_min arg_max min_by max_by; x, by; as x
        any_value; x; as x
        count_if; condition; INT64
        bool_and bool_or; condition; BOOL
        weighted_avg; x, weight; FLOAT64
        """

    private static let numbers = """
        abs; x; INT64, DECIMAL or FLOAT64
        sign; x; INT64
        floor ceil ceiling trunc; x; as x, without a fraction
        round; x [, digits]; as x
        sqrt cbrt exp ln log log10 log2; x; FLOAT64
        power pow; x, y; FLOAT64
        mod; x, y; as x % y
        """

    private static let texts = """
        lower lcase upper ucase reverse; s; STRING
        length len char_length character_length; s; INT64
        octet_length strlen; s; INT64
        substring substr; s, from [, n]; STRING
        left right; s, n; STRING
        concat; a, b, …; STRING
        trim ltrim rtrim; s [, characters]; STRING
        lpad rpad; s, n, filling; STRING
        replace; s, sought, instead; STRING
        repeat; s, n; STRING
        strpos instr position; s, sought; INT64
        starts_with prefix ends_with suffix contains; s, sought; BOOL
        """

    private static let times = """
        date_trunc datetrunc; unit, t; as t
        time_bucket; width, t [, origin]; as t
        date_part datepart; field, t; INT64
        extract; field FROM t; INT64
        year quarter month week weekofyear isoyear day dayofmonth dayofweek isodow; t; INT64
        dayofyear hour minute second millisecond microsecond; t; INT64
        date_diff datediff; unit, from, to; INT64
        epoch; t; FLOAT64
        epoch_ms epoch_us epoch_ns; t; INT64
        to_timestamp; seconds; TIMESTAMP
        make_date; year, month, day or days; DATE
        make_timestamp; year, month, day, hour, minute, second or microseconds; TIMESTAMP
        now current_timestamp; ; TIMESTAMP
        current_date today; ; DATE
        """

    private static let choices = """
        coalesce greatest least; a, b, …; as all
        ifnull; a, b; as both
        nullif; a, b; as a
        cast; x AS type; the type
        try_cast; x AS type; the type
        """

    private static let server = """
        version current_database current_catalog current_schema; ; STRING
        current_user session_user user; ; STRING
        current_schemas; all; STRING
        """

    private static let operators = """
        + -; numbers, times and intervals; INT64, DECIMAL, FLOAT64, DATE or TIMESTAMP
        * // %; numbers; INT64, DECIMAL or FLOAT64
        /; numbers; FLOAT64
        ||; a, b; STRING
        = <> < <= > >=; a, b; BOOL
        and or not; conditions; BOOL
        between in like ilike; a, …; BOOL
        is_null is_true is_distinct_from; a [, b]; BOOL
        case; WHEN condition THEN x …; as all
        """
}
