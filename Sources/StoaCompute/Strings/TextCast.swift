package import StoaModel

/// Conversions between values and their text, one at a time.
package enum TextCast {
    /// The value that text spells, as a literal of `type`; spaces around it are allowed.
    package static func parse(
        _ text: UnsafeRawBufferPointer, as type: ColumnType
    ) throws(ComputeError) -> Literal {
        let text = trimmed(text)
        switch type {
        case .string: return .string([UInt8](text))
        case .bool: return try bool(text)
        case .date:
            guard let days = TimeText.parseDate(text) else { throw .invalidValue }
            return .date(days)
        case .timestamp:
            guard let moment = TimeText.parseTimestamp(text) else { throw .invalidValue }
            return .timestamp(moment)
        case .float32, .float64:
            guard let value = Double(String(decoding: text, as: UTF8.self)) else {
                throw .invalidValue
            }
            return .float(type == .float32 ? Double(Float(value)) : value)
        case .decimal(let precision, let scale):
            let unscaled = try number(text, scale: Int(scale))
            guard unscaled.magnitude < Int128.powerOfTen(Int(precision)).magnitude else {
                throw .numericOverflow
            }
            return .decimal(unscaled: unscaled, scale: scale)
        default:
            let value = try number(text, scale: 0)
            guard type.integerRange?.contains(value) ?? false else { throw .numericOverflow }
            return .integer(value)
        }
    }

    /// An exact number at `scale`, further digits rounded half away from zero.
    private static func number(
        _ text: UnsafeRawBufferPointer, scale: Int
    ) throws(ComputeError) -> Int128 {
        guard let parsed = DecimalText.parse(text) else {
            // 1e3 and the like: through the double, whose value is then taken exactly.
            guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
                throw .invalidValue
            }
            guard let unscaled = CastKernels.decimal(value, scale: scale) else {
                throw .numericOverflow
            }
            return unscaled
        }
        if parsed.scale > scale {
            return CastKernels.divideHalfAway(
                parsed.unscaled, by: .powerOfTen(parsed.scale - scale))
        }
        guard let unscaled = DecimalText.rescale(parsed, to: scale) else { throw .numericOverflow }
        return unscaled
    }

    private static func bool(_ text: UnsafeRawBufferPointer) throws(ComputeError) -> Literal {
        let folded = text.prefix(6).map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
        switch String(decoding: folded, as: UTF8.self) {
        case "true", "t", "1", "yes", "y", "on": return .bool(true)
        case "false", "f", "0", "no", "n", "off": return .bool(false)
        default: throw .invalidValue
        }
    }

    private static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
        var (first, end) = (0, text.count)
        while first < end, isSpace(text[first]) { first += 1 }
        while end > first, isSpace(text[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[first..<end])
    }

    /// Appends the text of an integer-backed value; `value` is its number.
    package static func append(_ value: Int128, type: ColumnType, to text: inout [UInt8]) {
        switch type {
        case .bool: text.append(contentsOf: (value != 0 ? "true" : "false").utf8)
        case .date: TimeText.append(date: Int32(truncatingIfNeeded: value), to: &text)
        case .timestamp:
            TimeText.append(
                timestamp: Int64(truncatingIfNeeded: value), isRFC3339: false, to: &text)
        case .decimal(_, let scale): DecimalText.append(value, scale: Int(scale), to: &text)
        default: text.append(contentsOf: String(value).utf8)
        }
    }

    /// Appends the shortest text that gives the float back.
    package static func append(_ value: Double, isFloat32: Bool, to text: inout [UInt8]) {
        if value.isNaN {
            text.append(contentsOf: "NaN".utf8)
        } else if value.isInfinite {
            text.append(contentsOf: (value < 0 ? "-Infinity" : "Infinity").utf8)
        } else {
            let shortest = isFloat32 ? Float(value).description : value.description
            text.append(contentsOf: shortest.utf8)
        }
    }
}
