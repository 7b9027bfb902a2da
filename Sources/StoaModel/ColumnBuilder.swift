internal import StoaBase

/// Collects the values of one column of a batch, row by row.
package struct ColumnBuilder {
    package let name: String
    package let type: ColumnType
    /// Rows so far, nulls included.
    package internal(set) var rowCount = 0
    var values: [UInt8] = []
    var data: [UInt8] = []
    var validityWords: [UInt64] = []
    var nullCount = 0
    private(set) var dictionary: StringDictionary?

    package init(name: String, type: ColumnType) {
        self.name = name
        self.type = type
        if type == .string { appendNumber(UInt32(0)) }
    }

    /// A string column whose rows are codes of `dictionary`.
    package init(name: String, dictionary: StringDictionary) {
        self.name = name
        self.type = .string
        self.dictionary = dictionary
    }

    /// Bytes held so far, for who cuts batches by size.
    package var byteCount: Int { values.count + data.count + validityWords.count * 8 }

    /// A row without a value.
    package mutating func appendNull() {
        switch type {
        case .string where dictionary != nil: appendNumber(UInt32(0))
        case .string: appendNumber(UInt32(data.count))
        default: values.append(contentsOf: repeatElement(0, count: type.batchValueByteCount))
        }
        nullCount += 1
        didAppend(isValid: false)
    }

    /// A value of an integer-backed column as its 64-bit pattern; it must be in the type's range.
    package mutating func append(integer value: Int64) {
        switch type.batchValueByteCount {
        case 1: appendNumber(UInt8(truncatingIfNeeded: value))
        case 2: appendNumber(UInt16(truncatingIfNeeded: value))
        case 4: appendNumber(UInt32(truncatingIfNeeded: value))
        case 8: appendNumber(UInt64(truncatingIfNeeded: value))
        default: appendNumber(Int128(value))
        }
        didAppend(isValid: true)
    }

    /// A value of a decimal column of more than 18 digits.
    package mutating func append(wide value: Int128) {
        invariant(type.batchValueByteCount == 16, "only wide decimals take 128 bits")
        appendNumber(value)
        didAppend(isValid: true)
    }

    /// A value of a float column, rounded to FLOAT32 where that is its type.
    package mutating func append(float value: Double) {
        if type == .float32 {
            appendNumber(Float(value).bitPattern)
        } else {
            appendNumber(value.bitPattern)
        }
        didAppend(isValid: true)
    }

    /// Valid UTF-8 of at most 1 MiB.
    package mutating func append(string value: UnsafeRawBufferPointer) {
        invariant(type == .string && dictionary == nil, "text goes into a plain string column")
        data.append(contentsOf: value)
        appendNumber(UInt32(data.count))
        didAppend(isValid: true)
    }

    /// A position in the dictionary given at the start.
    package mutating func append(code: UInt32) {
        invariant(dictionary.map { Int(code) < $0.count } ?? false, "a code is in its dictionary")
        appendNumber(code)
        didAppend(isValid: true)
    }

    /// A literal of the column's type (an integer literal also for BOOL and decimals of scale 0).
    package mutating func append(_ literal: Literal) {
        switch literal {
        case .null: appendNull()
        case .bool(let value): append(integer: value ? 1 : 0)
        case .integer(let value), .decimal(let value, _):
            if type.batchValueByteCount == 16 {
                append(wide: value)
            } else {
                append(integer: Int64(truncatingIfNeeded: value))
            }
        case .float(let value): append(float: value)
        case .date(let days): append(integer: Int64(days))
        case .timestamp(let microseconds): append(integer: microseconds)
        case .string(let bytes): bytes.withUnsafeBytes { append(string: $0) }
        }
    }

    private mutating func appendNumber<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { values.append(contentsOf: $0) }
    }

    private mutating func didAppend(isValid: Bool) {
        if rowCount & 63 == 0 { validityWords.append(0) }
        if isValid { validityWords[rowCount >> 6] |= 1 << UInt64(rowCount & 63) }
        rowCount += 1
    }

    /// Writes the buffers, and the entry that points to them.
    fileprivate func encode(into output: inout ByteWriter, entryOffset: Int) {
        func begin() -> Int {
            output.align(to: 8)
            return output.count
        }
        let nameOffset = begin()
        output.append(contentsOf: Array(name.utf8))
        var validityOffset = 0
        if nullCount > 0 {
            validityOffset = begin()
            for word in validityWords { output.append(word) }
        }
        let valuesOffset = begin()
        output.append(contentsOf: values)
        var dataOffset = 0
        var dataByteCount = 0
        if type == .string {
            dataOffset = begin()
            if let dictionary {
                for index in 0...dictionary.count { output.append(dictionary.offsets[index]) }
                output.append(
                    contentsOf: UnsafeRawBufferPointer(
                        start: dictionary.bytes, count: Int(dictionary.offsets[dictionary.count])))
            } else {
                output.append(contentsOf: data)
            }
            dataByteCount = output.count - dataOffset
        }
        let flags: UInt8 = (nullCount > 0 ? 1 : 0) | (dictionary != nil ? 2 : 0)
        output.overwrite(at: entryOffset, with: UInt32(nameOffset))
        output.overwrite(at: entryOffset + 4, with: UInt16(name.utf8.count))
        output.overwrite(at: entryOffset + 6, with: type.code)
        output.overwrite(at: entryOffset + 7, with: type.precision)
        output.overwrite(at: entryOffset + 8, with: type.scale)
        output.overwrite(at: entryOffset + 9, with: flags)
        output.overwrite(at: entryOffset + 12, with: UInt32(nullCount))
        output.overwrite(at: entryOffset + 16, with: UInt64(validityOffset))
        output.overwrite(at: entryOffset + 24, with: UInt64(valuesOffset))
        output.overwrite(at: entryOffset + 32, with: UInt64(dataOffset))
        output.overwrite(at: entryOffset + 40, with: UInt32(values.count))
        output.overwrite(at: entryOffset + 44, with: UInt32(dataByteCount))
        output.overwrite(at: entryOffset + 48, with: UInt32(dictionary?.count ?? 0))
    }
}

extension RowBatch {
    /// The bytes of a batch of these columns, which all have the same number of rows.
    package static func encode(_ columns: [ColumnBuilder]) -> [UInt8] {
        let rowCount = columns.first?.rowCount ?? 0
        invariant(columns.allSatisfy { $0.rowCount == rowCount }, "columns are of one length")
        invariant(rowCount <= Limits.batchRowsLimit, "a batch's rows fit its format")
        let entriesEnd = headerByteCount + columns.count * columnEntryByteCount
        let estimate = columns.reduce(entriesEnd) { $0 + $1.byteCount + 32 + $1.name.utf8.count }
        var output = ByteWriter(reservingCapacity: estimate)
        output.append(magic)
        output.append(version)
        output.append(UInt16(0))
        output.append(UInt32(rowCount))
        output.append(UInt32(columns.count))
        output.appendZeros(entriesEnd - output.count)
        for (index, column) in columns.enumerated() {
            column.encode(
                into: &output, entryOffset: headerByteCount + index * columnEntryByteCount)
        }
        output.align(to: 8)
        output.overwrite(at: 16, with: UInt64(output.count))
        return output.bytes
    }
}
