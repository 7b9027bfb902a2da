internal import StoaModel

/// Writes single values as text.
///
/// Numbers stand with all their digits: decimals with every digit of their scale, floats with the
/// fewest digits that read back as the same float. Times are UTC.
enum ValueText {
    /// A value that is not null, as text formats show it.
    static func append(_ column: BatchColumn, _ row: Int, to output: inout [UInt8]) {
        switch column.type {
        case .bool:
            output.append(contentsOf: (column.integer(row) == 0 ? "false" : "true").utf8)
        case .uint64:
            output.append(contentsOf: String(UInt64(bitPattern: column.integer(row))).utf8)
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
            append(column.integer(row), scale: 0, to: &output)
        case .float32, .float64: output.append(contentsOf: float(column, row).utf8)
        case .decimal(let precision, let scale) where precision > ColumnType.storedPrecisionLimit:
            DecimalText.append(column.wide(row), scale: Int(scale), to: &output)
        case .decimal(_, let scale):
            append(column.integer(row), scale: Int(scale), to: &output)
        case .date: TimeText.append(date: day(column, row), to: &output)
        case .timestamp:
            TimeText.append(timestamp: column.integer(row), isRFC3339: false, to: &output)
        case .string: output.append(contentsOf: column.string(row))
        }
    }

    /// A value as JSON: numbers and booleans as such, decimals and integers with all digits,
    /// times as RFC 3339 strings. JSON has no NaN and no infinity: they become `null`.
    static func appendJSON(_ column: BatchColumn, _ row: Int, to output: inout [UInt8]) {
        if column.isNull(row) {
            output.append(contentsOf: "null".utf8)
            return
        }
        switch column.type {
        case .float32, .float64:
            let text = column.float(row).isFinite ? float(column, row) : "null"
            output.append(contentsOf: text.utf8)
        case .date:
            output.append(UInt8(ascii: "\""))
            TimeText.append(date: day(column, row), to: &output)
            output.append(UInt8(ascii: "\""))
        case .timestamp:
            output.append(UInt8(ascii: "\""))
            TimeText.append(timestamp: column.integer(row), isRFC3339: true, to: &output)
            output.append(UInt8(ascii: "\""))
        case .string: appendJSON(string: column.string(row), to: &output)
        default: append(column, row, to: &output)
        }
    }

    /// A JSON string; only what JSON demands is escaped.
    static func appendJSON(string: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in string {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F:
                output.append(contentsOf: "\\u00".utf8)
                appendHex(byte, to: &output)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Two hexadecimal digits.
    static func appendHex(_ byte: UInt8, to output: inout [UInt8]) {
        for digit in [byte >> 4, byte & 15] {
            output.append(digit < 10 ? digit + 48 : digit + 87)
        }
    }

    /// A scaled integer with all digits after the point; at most 20 digits and a sign.
    private static func append(_ number: Int64, scale: Int, to output: inout [UInt8]) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { digits in
            var rest = number.magnitude
            var start = digits.count
            var digitCount = 0
            repeat {
                if digitCount == scale, scale > 0 {
                    start -= 1
                    digits[start] = UInt8(ascii: ".")
                }
                start -= 1
                digits[start] = UInt8(truncatingIfNeeded: rest % 10) + 48
                rest /= 10
                digitCount += 1
            } while rest > 0 || digitCount <= scale
            output.append(contentsOf: digits[start...])
        }
    }

    private static func float(_ column: BatchColumn, _ row: Int) -> String {
        let value = column.float(row)
        return column.type == .float32 ? Float(value).description : value.description
    }

    private static func day(_ column: BatchColumn, _ row: Int) -> Int32 {
        Int32(truncatingIfNeeded: column.integer(row))
    }
}
