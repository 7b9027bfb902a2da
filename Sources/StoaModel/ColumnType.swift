internal import StoaBase

/// The type of a column or of an expression.
///
/// Source: §3 of the design. Every type has its full value range and a null state beside it.
package enum ColumnType: Hashable, Sendable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float32, float64
    /// A scaled integer of `precision` digits, `scale` of them after the point. Columns hold at
    /// most 18 digits; results (sums, products) up to 38.
    case decimal(precision: UInt8, scale: UInt8)
    /// Days since 1970-01-01.
    case date
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    case timestamp
    /// Valid UTF-8, ordered bytewise.
    case string

    /// Most digits of a stored decimal.
    package static let storedPrecisionLimit: UInt8 = 18
    /// Most digits of a decimal result.
    package static let resultPrecisionLimit: UInt8 = 38

    /// The number on disk and on the wire; never reused, never renumbered.
    package var code: UInt8 {
        switch self {
        case .bool: 1
        case .int8: 2
        case .int16: 3
        case .int32: 4
        case .int64: 5
        case .uint8: 6
        case .uint16: 7
        case .uint32: 8
        case .uint64: 9
        case .float32: 10
        case .float64: 11
        case .decimal: 12
        case .date: 13
        case .timestamp: 14
        case .string: 15
        }
    }

    /// The type with that code; nil for an unknown code or an impossible precision or scale.
    /// Both are zero for every type but decimals.
    package init?(code: UInt8, precision: UInt8, scale: UInt8) {
        if code == 12 {
            guard (1...Self.resultPrecisionLimit).contains(precision), scale <= precision else {
                return nil
            }
            self = .decimal(precision: precision, scale: scale)
            return
        }
        guard precision == 0, scale == 0, let simple = Self.simpleTypes[code] else { return nil }
        self = simple
    }

    private static let simpleTypes: [UInt8: ColumnType] = [
        1: .bool, 2: .int8, 3: .int16, 4: .int32, 5: .int64, 6: .uint8, 7: .uint16, 8: .uint32,
        9: .uint64, 10: .float32, 11: .float64, 13: .date, 14: .timestamp, 15: .string,
    ]

    /// Digits of a decimal, else 0.
    package var precision: UInt8 {
        if case .decimal(let precision, _) = self { precision } else { 0 }
    }

    /// Digits after the point of a decimal, else 0.
    package var scale: UInt8 {
        if case .decimal(_, let scale) = self { scale } else { 0 }
    }

    /// Whether a table may have a column of this type.
    package var isStorable: Bool { precision <= Self.storedPrecisionLimit }

    /// INT8 … UINT64.
    package var isInteger: Bool { (2...9).contains(code) }

    /// FLOAT32 and FLOAT64.
    package var isFloat: Bool { self == .float32 || self == .float64 }

    /// DECIMAL of any size.
    package var isDecimal: Bool { precision > 0 }

    /// Integers, floats and decimals.
    package var isNumeric: Bool { isInteger || isFloat || isDecimal }

    /// DATE and TIMESTAMP.
    package var isTime: Bool { self == .date || self == .timestamp }

    /// Whether blocks and vectors hold the values as 64-bit integers: everything but floats,
    /// strings and decimals of more than 18 digits.
    package var isIntegerBacked: Bool {
        !isFloat && self != .string && precision <= Self.storedPrecisionLimit
    }

    /// Whether the 64-bit pattern of an integer-backed value is unsigned. Only UINT64 is: the
    /// smaller unsigned types fit a signed pattern.
    package var isUnsigned64: Bool { self == .uint64 }

    /// Bytes of one value in a batch's `values` buffer; strings have offsets or codes there.
    package var batchValueByteCount: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32, .date: 4
        case .int64, .uint64, .float64, .timestamp: 8
        case .decimal(let precision, _): precision <= Self.storedPrecisionLimit ? 8 : 16
        case .string: 4
        }
    }

    /// The range of an integer-backed type's values (scaled, for decimals; days, for dates).
    package var integerRange: ClosedRange<Int128>? {
        switch self {
        case .bool: 0...1
        case .int8: -0x80...0x7F
        case .int16: -0x8000...0x7FFF
        case .int32: -0x8000_0000...0x7FFF_FFFF
        case .int64: Int128(Int64.min)...Int128(Int64.max)
        case .uint8: 0...0xFF
        case .uint16: 0...0xFFFF
        case .uint32: 0...0xFFFF_FFFF
        case .uint64: 0...Int128(UInt64.max)
        case .decimal(let precision, _):
            -(Int128.powerOfTen(Int(precision)) - 1)...(Int128.powerOfTen(Int(precision)) - 1)
        case .date: Int128(CivilTime.firstDay)...Int128(CivilTime.lastDay)
        case .timestamp: Int128(CivilTime.firstMicrosecond)...Int128(CivilTime.lastMicrosecond)
        case .float32, .float64, .string: nil
        }
    }
}

extension ColumnType: CustomStringConvertible {
    /// The SQL name, as `CREATE TABLE` takes it.
    package var description: String {
        switch self {
        case .bool: "BOOL"
        case .int8: "INT8"
        case .int16: "INT16"
        case .int32: "INT32"
        case .int64: "INT64"
        case .uint8: "UINT8"
        case .uint16: "UINT16"
        case .uint32: "UINT32"
        case .uint64: "UINT64"
        case .float32: "FLOAT32"
        case .float64: "FLOAT64"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .string: "STRING"
        }
    }
}

extension Int128 {
    /// 10 to the power of `exponent`, 0 … 38.
    package static func powerOfTen(_ exponent: Int) -> Int128 {
        invariant((0...38).contains(exponent), "a power of ten fits 128 bits")
        return powersOfTen[exponent]
    }

    private static let powersOfTen: [Int128] = {
        var powers: [Int128] = [1]
        for _ in 0..<38 { powers.append((powers.last ?? 1) * 10) }
        return powers
    }()
}
