/// A function of the values of one row; the raw values are SQL's words. All are deterministic.
///
/// All but `concat` and `concat_ws` are NULL where an argument is NULL.
package enum ScalarFunction: String, CaseIterable, Hashable, Sendable {
    // Numbers. `abs`, `floor` and `ceil` take decimals and floats, `abs` and `sign` integers too;
    // the others FLOAT64.
    case abs, floor, ceil, sign, trunc, round
    case sqrt, cbrt, power = "pow", exp, ln, log10, log2

    // STRING to STRING.
    case lower, upper, reverse
    /// Text, characters to take away (blanks when there is no second argument).
    case trim, ltrim, rtrim
    /// Text, first position, length; positions count code points from 1, negative ones from the
    /// end.
    case substring
    case left, right
    /// Text, length in code points, filling.
    case lpad, rpad
    case `repeat`
    /// Text, what is sought, what stands there instead.
    case replace
    /// NULL arguments are skipped.
    case concat
    /// `a || b`
    case concatenate = "||"

    // STRING to INT64.
    /// Code points.
    case length
    case octetLength = "octet_length"
    /// Text, what is sought: the position of its first code point, 0 where it is not.
    case position = "strpos"

    // STRING to BOOL.
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    case contains
    /// Text, pattern in which a backslash makes the next character plain; both constant.
    case matches

    /// Seconds since 1970, FLOAT64, to TIMESTAMP.
    case toTimestamp = "to_timestamp"
    /// Year, month and day, INT64, to DATE.
    case makeDate = "make_date"
    /// Those, then hour and minute, INT64, and seconds, FLOAT64, to TIMESTAMP.
    case makeTimestamp = "make_timestamp"
    /// A DATE and days, or a TIMESTAMP and microseconds, INT64, to the same type.
    case offset

    /// To the expression's type as by CAST; NULL where that fails.
    case tryCast = "try_cast"

    /// Whether the arguments are texts, and so is the result.
    package var isText: Bool {
        switch self {
        case .lower, .upper, .reverse, .trim, .ltrim, .rtrim, .substring, .left, .right, .lpad,
            .rpad, .repeat, .replace, .concat, .concatenate:
            true
        default: false
        }
    }
}
