package import StoaBase

/// Rows on their way in or out, column by column: the one batch format of ingest, bulk load,
/// results, the log and a client's spool. It carries schema and dictionaries, so reading it
/// needs no other state.
///
/// Little-endian; every buffer starts at a multiple of 8 bytes from the batch's start, gaps are
/// zero, and buffers stand in the order of their columns.
///
///     header, 32 bytes
///     offset  size  field
///          0     4  magic             "SBAT"
///          4     2  version           1
///          6     2  flags             0
///          8     4  rowCount          0 … 1,048,576
///         12     4  columnCount       0 … 4,096
///         16     8  byteCount         of the whole batch, at most 64 MiB
///         24     8  reserved          0
///
///     column entry, 64 bytes, `columnCount` times
///     offset  size  field
///          0     4  nameOffset        UTF-8 bytes of the name
///          4     2  nameByteCount     1 … 128
///          6     1  type              ColumnType.code
///          7     1  precision         decimals, else 0
///          8     1  scale             decimals, else 0
///          9     1  flags             bit 0: validity present; bit 1: dictionary
///         10     2  reserved          0
///         12     4  nullCount         rows whose validity bit is 0
///         16     8  validityOffset    0 without validity
///         24     8  valuesOffset
///         32     8  dataOffset        strings only, else 0
///         40     4  valuesByteCount
///         44     4  dataByteCount
///         48     4  dictionaryCount   strings of the dictionary, else 0
///         52    12  reserved          0
///
/// Then for every column its buffers: name, validity, values, data.
/// validity: bit `row % 8` of byte `row / 8` is 1 where the row is not null; ⌈rowCount / 64⌉ × 8
/// bytes, unused bits zero. values: `rowCount` little-endian numbers of the type's width, BOOL
/// as one byte 0 or 1; strings: `rowCount + 1` rising UInt32 offsets into data, or with a
/// dictionary `rowCount` UInt32 codes. data: UTF-8 bytes, or with a dictionary
/// `dictionaryCount + 1` rising UInt32 offsets followed by the bytes they point into.
package struct RowBatch: Sendable {
    package static let headerByteCount = 32
    package static let columnEntryByteCount = 64
    static let magic: UInt32 = 0x5441_4253
    static let version: UInt16 = 1

    /// The whole batch, as it was sent or will be.
    package let bytes: Bytes
    package let rowCount: Int
    package let columns: [BatchColumn]

    init(bytes: Bytes, rowCount: Int, columns: [BatchColumn]) {
        self.bytes = bytes
        self.rowCount = rowCount
        self.columns = columns
    }

    /// The index of the column with that name: an exact match first, else ignoring ASCII case.
    package func columnIndex(named name: String) -> Int? {
        columns.firstIndex { $0.name == name }
            ?? columns.firstIndex { Names.isEqual($0.name, name) }
    }
}

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
