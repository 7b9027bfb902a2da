internal import StoaModel

/// Text to values and back. Blanks around the text do not count.
extension LiteralCast {
    static func castText(
        _ text: [UInt8], to target: ColumnType
    ) throws(CastFailure) -> Literal {
        if target == .string { return .string(text) }
        let trimmed = Self.trimmed(text)
        switch target {
        case .bool: return .bool(try bool(trimmed))
        case .float32, .float64:
            guard let value = float(trimmed, isNarrow: target == .float32) else {
                throw .invalidText
            }
            return .float(value)
        case .date:
            if let days = trimmed.withUnsafeBytes({ TimeText.parseDate($0) }) { return .date(days) }
            guard let moment = trimmed.withUnsafeBytes({ TimeText.parseTimestamp($0) }) else {
                throw .invalidText
            }
            return .date(CivilTime.split(microseconds: moment).days)
        case .timestamp:
            guard let moment = trimmed.withUnsafeBytes({ TimeText.parseTimestamp($0) }) else {
                throw .invalidText
            }
            return .timestamp(moment)
        default:
            guard let number = exactNumber(trimmed) else { throw .invalidText }
            return try cast(
                .decimal(unscaled: number.unscaled, scale: UInt8(number.scale)),
                from: .decimal(precision: 38, scale: UInt8(number.scale)), to: target)
        }
    }

    /// The number that text spells, as the type that holds it: integer, decimal or float; nil
    /// when it is no number.
    static func number(_ text: [UInt8]) -> (literal: Literal, type: ColumnType)? {
        guard let number = exactNumber(text) else {
            return float(trimmed(text), isNarrow: false).map { (.float($0), .float64) }
        }
        if number.scale == 0 { return integer(number.unscaled) }
        let scale = UInt8(number.scale)
        return (
            .decimal(unscaled: number.unscaled, scale: scale),
            .decimal(precision: number.precision, scale: scale)
        )
    }

    /// A whole number: INT64 when it fits, else DECIMAL(38,0).
    static func integer(_ value: Int128) -> (literal: Literal, type: ColumnType) {
        if Int64(exactly: value) != nil { return (.integer(value), .int64) }
        return (.decimal(unscaled: value, scale: 0), .decimal(precision: 38, scale: 0))
    }

    static func exactNumber(_ text: [UInt8]) -> ExactNumber? {
        trimmed(text).withUnsafeBytes { ExactNumber(text: $0) }
    }

    /// The decimal that the shortest text of a float spells: 0.1 for the double nearest to 0.1.
    static func shortestDecimal(_ value: Double, from source: ColumnType) -> ExactNumber? {
        exactNumber(floatText(value, isNarrow: source == .float32))
    }

    /// The shortest text that reads back as the same float: `0.1`, `1e+20`, `inf`, `nan`.
    package static func floatText(_ value: Double, isNarrow: Bool) -> [UInt8] {
        Array((isNarrow ? Float(value).description : value.description).utf8)
    }

    /// A float's text: a number, `inf`, `infinity` or `nan` with an optional sign; nil for
    /// anything else, and for numbers beyond the range.
    private static func float(_ text: [UInt8], isNarrow: Bool) -> Double? {
        let isSigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
        let body = String(decoding: text.dropFirst(isSigned ? 1 : 0), as: UTF8.self).lowercased()
        let sign: Double = text.first == UInt8(ascii: "-") ? -1 : 1
        switch body {
        case "inf", "infinity": return sign * .infinity
        case "nan": return .nan
        default: break
        }
        // Swift would take hexadecimal floats too.
        let isPlain = body.utf8.allSatisfy {
            ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e")
                || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
        }
        guard isPlain, let first = body.utf8.first, first != UInt8(ascii: "-"),
            first != UInt8(ascii: "+")
        else { return nil }
        let value = isNarrow ? Float(body).map(Double.init) : Double(body)
        guard let value, value.isFinite else { return nil }
        return sign * value
    }

    private static func bool(_ text: [UInt8]) throws(CastFailure) -> Bool {
        switch String(decoding: text, as: UTF8.self).lowercased() {
        case "true", "t", "1": return true
        case "false", "f", "0": return false
        default: throw .invalidText
        }
    }

    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }
        guard let first = text.firstIndex(where: { !isBlank($0) }),
            let last = text.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return Array(text[first...last])
    }
}
