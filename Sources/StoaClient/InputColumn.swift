internal import StoaBase
package import StoaModel

/// A column of rows to store: a name and a value, or nil for NULL, for each row.
///
///     InputColumn("ticker", strings: ["A", "B", nil])
public struct InputColumn: Sendable {
    package let builder: ColumnBuilder

    /// A column of INT64.
    public init(_ name: String, integers: [Int64?]) {
        builder = Self.build(name, .int64, integers) { $0.append(integer: $1) }
    }

    /// A column of FLOAT64.
    public init(_ name: String, floats: [Double?]) {
        builder = Self.build(name, .float64, floats) { $0.append(float: $1) }
    }

    /// A column of BOOL.
    public init(_ name: String, bools: [Bool?]) {
        builder = Self.build(name, .bool, bools) { $0.append(integer: $1 ? 1 : 0) }
    }

    /// A column of STRING.
    public init(_ name: String, strings: [String?]) {
        builder = Self.build(name, .string, strings) { column, text in
            column.append(.string(Array(text.utf8)))
        }
    }

    /// A column of TIMESTAMP: microseconds since 1970-01-01 00:00 UTC.
    public init(_ name: String, timestamps: [Int64?]) {
        builder = Self.build(name, .timestamp, timestamps) { $0.append(integer: $1) }
    }

    /// A column of DATE: days since 1970-01-01.
    public init(_ name: String, dates: [Int32?]) {
        builder = Self.build(name, .date, dates) { $0.append(integer: Int64($1)) }
    }

    /// A column of DECIMAL(18,`scale`): numbers times ten to the power of `scale`, 0 to 18.
    public init(_ name: String, unscaled: [Int64?], scale: UInt8) {
        let type = ColumnType.decimal(precision: 18, scale: min(scale, 18))
        builder = Self.build(name, type, unscaled) { $0.append(integer: $1) }
    }

    private static func build<T>(
        _ name: String, _ type: ColumnType, _ values: [T?],
        _ append: (inout ColumnBuilder, T) -> Void
    ) -> ColumnBuilder {
        var builder = ColumnBuilder(name: name, type: type)
        for value in values {
            if let value { append(&builder, value) } else { builder.appendNull() }
        }
        return builder
    }
}
