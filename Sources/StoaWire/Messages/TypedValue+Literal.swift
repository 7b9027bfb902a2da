internal import StoaBase
package import StoaModel

extension TypedValue {
    /// The value as a constant; nil when the bytes are no value of the type.
    package var literal: Literal? {
        guard let bytes else { return .null }
        if type == .string {
            let isValid = bytes.withUnsafeBytes { UTF8Check.isValid($0) }
            return isValid ? .string(bytes) : nil
        }
        guard bytes.count == type.batchValueByteCount else { return nil }
        if type == .float32 {
            return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern(bytes)))))
        }
        if type == .float64 {
            return .float(Double(bitPattern: UInt64(truncatingIfNeeded: pattern(bytes))))
        }
        let number = type.isUnsigned ? pattern(bytes) : signed(bytes)
        guard let range = type.integerRange, range.contains(number) else { return nil }
        return switch type {
        case .bool: .bool(number != 0)
        case .date: .date(Int32(truncatingIfNeeded: number))
        case .timestamp: .timestamp(Int64(truncatingIfNeeded: number))
        case .decimal(_, let scale): .decimal(unscaled: number, scale: scale)
        default: .integer(number)
        }
    }

    /// A text as a value.
    package init(text: String) {
        self.init(type: .string, bytes: Array(text.utf8))
    }

    private func pattern(_ bytes: [UInt8]) -> Int128 {
        var number: UInt128 = 0
        for (index, byte) in bytes.enumerated() { number |= UInt128(byte) << UInt128(8 * index) }
        return Int128(truncatingIfNeeded: number)
    }

    private func signed(_ bytes: [UInt8]) -> Int128 {
        let room = Int128(128 - 8 * bytes.count)
        return (pattern(bytes) << room) >> room
    }
}

extension ColumnType {
    /// Whether the bytes of a value have no sign.
    fileprivate var isUnsigned: Bool {
        switch self {
        case .uint8, .uint16, .uint32, .uint64, .bool: true
        default: false
        }
    }
}
