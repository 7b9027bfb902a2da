/// A single value outside the row path: a constant of a statement, a cell of a small result.
package enum Literal: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Any integer; its type is beside it where it matters.
    case integer(Int128)
    case decimal(unscaled: Int128, scale: UInt8)
    case float(Double)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since 1970-01-01 UTC.
    case timestamp(Int64)
    case string([UInt8])
}
