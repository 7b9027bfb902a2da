internal import StoaBase

/// One column of a batch whose bytes have been checked: offsets rise, codes are in the
/// dictionary, values are in the range of their type, text is UTF-8. A null row's value is not
/// checked, except that it is safe to follow: offsets and codes always are.
package struct BatchColumn: @unchecked Sendable {
    // SAFETY: the pointers lead into `bytes`, which keeps the memory alive and never changes.
    package let name: String
    package let type: ColumnType
    package let rowCount: Int
    package let nullCount: Int
    /// Bit `row % 64` of word `row / 64` is 1 where the row is not null; nil without nulls.
    package let validity: UnsafePointer<UInt64>?
    /// The numbers; for strings the offsets or codes. 8-byte aligned.
    package let values: UnsafeRawPointer
    /// Bytes of plain strings.
    package let data: UnsafeRawPointer
    /// The dictionary, where `values` are codes.
    package let dictionary: StringDictionary?
    private let bytes: Bytes

    init(
        name: String, type: ColumnType, rowCount: Int, nullCount: Int,
        validity: UnsafePointer<UInt64>?, values: UnsafeRawPointer, data: UnsafeRawPointer,
        dictionary: StringDictionary?, bytes: Bytes
    ) {
        self.name = name
        self.type = type
        self.rowCount = rowCount
        self.nullCount = nullCount
        self.validity = validity
        self.values = values
        self.data = data
        self.dictionary = dictionary
        self.bytes = bytes
    }

    /// Whether the row is null.
    package func isNull(_ row: Int) -> Bool {
        invariant(row >= 0 && row < rowCount, "a row lies in its batch")
        guard let validity else { return false }
        return validity[row >> 6] >> UInt64(row & 63) & 1 == 0
    }

    /// The number of an integer-backed column's row as its 64-bit pattern (UINT64 unsigned).
    package func integer(_ row: Int) -> Int64 {
        invariant(row >= 0 && row < rowCount, "a row lies in its batch")
        switch type {
        case .bool, .uint8: return Int64(load(row, UInt8.self))
        case .int8: return Int64(load(row, Int8.self))
        case .int16: return Int64(load(row, Int16.self))
        case .uint16: return Int64(load(row, UInt16.self))
        case .int32, .date: return Int64(load(row, Int32.self))
        case .uint32: return Int64(load(row, UInt32.self))
        case .int64, .uint64, .timestamp, .decimal: return load(row, Int64.self)
        case .float32, .float64, .string:
            invariant(false, "only integer-backed columns have integers")
            return 0
        }
    }

    /// The number of a decimal column of more than 18 digits.
    package func wide(_ row: Int) -> Int128 {
        invariant(row >= 0 && row < rowCount, "a row lies in its batch")
        return values.loadUnaligned(fromByteOffset: row * 16, as: Int128.self)
    }

    /// The number of a float column, FLOAT32 widened.
    package func float(_ row: Int) -> Double {
        invariant(row >= 0 && row < rowCount, "a row lies in its batch")
        return type == .float32 ? Double(load(row, Float.self)) : load(row, Double.self)
    }

    /// The UTF-8 bytes of a string column's row; valid while this value lives.
    package func string(_ row: Int) -> UnsafeRawBufferPointer {
        invariant(row >= 0 && row < rowCount, "a row lies in its batch")
        if let dictionary { return dictionary[Int(load(row, UInt32.self))] }
        let start = Int(load(row, UInt32.self))
        return UnsafeRawBufferPointer(
            start: data + start, count: Int(load(row + 1, UInt32.self)) - start)
    }

    /// One cell as a literal, for the edges: shells, tests, small results.
    package func literal(_ row: Int) -> Literal {
        if isNull(row) { return .null }
        switch type {
        case .bool: return .bool(integer(row) != 0)
        case .uint64: return .integer(Int128(UInt64(bitPattern: integer(row))))
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
            return .integer(Int128(integer(row)))
        case .float32, .float64: return .float(float(row))
        case .decimal(let precision, let scale):
            let isWide = precision > ColumnType.storedPrecisionLimit
            return .decimal(unscaled: isWide ? wide(row) : Int128(integer(row)), scale: scale)
        case .date: return .date(Int32(truncatingIfNeeded: integer(row)))
        case .timestamp: return .timestamp(integer(row))
        case .string: return .string([UInt8](string(row)))
        }
    }

    private func load<T: BitwiseCopyable>(_ index: Int, _ type: T.Type) -> T {
        values.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self)
    }
}
