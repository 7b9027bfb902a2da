internal import StoaModel

/// One value of a result.
public enum Value: Hashable, Sendable {
    /// No value.
    case null
    /// BOOL.
    case bool(Bool)
    /// INT8 to INT64 and UINT8 to UINT64.
    case integer(Int128)
    /// DECIMAL: `unscaled` divided by ten to the power of `scale`.
    case decimal(unscaled: Int128, scale: Int)
    /// FLOAT32 and FLOAT64.
    case float(Double)
    /// DATE: days since 1970-01-01.
    case date(daysSince1970: Int)
    /// TIMESTAMP: microseconds since 1970-01-01 00:00 UTC.
    case timestamp(microsecondsSince1970: Int64)
    /// STRING.
    case string(String)

    init(_ literal: Literal) {
        switch literal {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .decimal(let unscaled, let scale):
            self = .decimal(unscaled: unscaled, scale: Int(scale))
        case .float(let value): self = .float(value)
        case .date(let days): self = .date(daysSince1970: Int(days))
        case .timestamp(let value): self = .timestamp(microsecondsSince1970: value)
        case .string(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
        }
    }
}

extension Value: CustomStringConvertible {
    /// The value as the command line prints it; NULL for no value.
    public var description: String {
        var text: [UInt8] = []
        switch self {
        case .null: return "NULL"
        case .bool(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .float(let value): return "\(value)"
        case .string(let value): return value
        case .decimal(let unscaled, let scale):
            DecimalText.append(unscaled, scale: scale, to: &text)
        case .date(let days): TimeText.append(date: Int32(clamping: days), to: &text)
        case .timestamp(let value):
            TimeText.append(timestamp: value, isRFC3339: false, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
