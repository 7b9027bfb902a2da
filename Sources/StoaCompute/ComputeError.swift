/// What a value can do wrong. Raised only for rows that are selected and not null.
package enum ComputeError: Error, Equatable, Sendable {
    /// A result passes the range of its type.
    case numericOverflow
    /// An integer or decimal divisor is zero.
    case divisionByZero
    /// Text is no value of the type it is cast to, or a float has no counterpart there.
    case invalidValue
}
