package import StoaBase

/// Why bytes are no batch. Names the column where there is one; never a value.
package struct BatchError: Error, Equatable, Sendable {
    /// What is wrong with the bytes.
    package enum Reason: Equatable, Sendable {
        case truncated
        case badMagic
        case unknownVersion(UInt16)
        case badHeader
        case badColumnEntry
        case bufferOutOfBounds
        case misalignedBuffer
        case badName
        case duplicateName
        case unknownType(UInt8)
        case nullCountMismatch
        case offsetsNotRising
        case codeOutOfRange
        case valueOutOfRange
        case notUTF8
        case stringTooLong
    }

    package var reason: Reason
    /// The column's position in the batch.
    package var columnIndex: Int?

    package init(_ reason: Reason, columnIndex: Int? = nil) {
        self.reason = reason
        self.columnIndex = columnIndex
    }
}

extension RowBatch {
    /// Reads and checks a whole batch; afterwards every access is in bounds. The bytes must
    /// start at an address that is a multiple of 8; they are copied when they do not.
    package static func decode(_ input: Bytes) throws(BatchError) -> RowBatch {
        let isAligned = UInt(bitPattern: input.pointer) % 8 == 0
        let bytes = isAligned ? input : input.withUnsafeBytes { Bytes(copying: $0) }
        guard bytes.count >= headerByteCount else { throw BatchError(.truncated) }
        guard bytes.integer(at: 0, as: UInt32.self) == magic else { throw BatchError(.badMagic) }
        let foundVersion: UInt16 = bytes.integer(at: 4)
        guard foundVersion == version else { throw BatchError(.unknownVersion(foundVersion)) }
        let rowCount = Int(bytes.integer(at: 8, as: UInt32.self))
        let columnCount = Int(bytes.integer(at: 12, as: UInt32.self))
        guard bytes.integer(at: 6, as: UInt16.self) == 0,
            bytes.integer(at: 16, as: UInt64.self) == UInt64(bytes.count),
            bytes.integer(at: 24, as: UInt64.self) == 0, rowCount <= Limits.batchRowsLimit,
            columnCount <= Limits.columnCountLimit
        else { throw BatchError(.badHeader) }
        guard bytes.count >= headerByteCount + columnCount * columnEntryByteCount else {
            throw BatchError(.truncated)
        }
        var columns: [BatchColumn] = []
        columns.reserveCapacity(columnCount)
        var names: Set<String> = []
        for index in 0..<columnCount {
            do throws(Refusal) {
                let column = try decodeColumn(bytes, index: index, rowCount: rowCount)
                guard names.insert(Names.folded(column.name)).inserted else {
                    throw Refusal(.duplicateName)
                }
                columns.append(column)
            } catch {
                throw BatchError(error.reason, columnIndex: index)
            }
        }
        return RowBatch(bytes: bytes, rowCount: rowCount, columns: columns)
    }

    /// The entry's fields, before anything is believed about them.
    private struct Entry {
        let flags: UInt8
        let nullCount: Int
        let validityOffset: UInt64
        let valuesOffset: UInt64
        let dataOffset: UInt64
        let valuesByteCount: Int
        let dataByteCount: Int
        let dictionaryCount: Int

        var hasValidity: Bool { flags & 1 != 0 }
        var hasDictionary: Bool { flags & 2 != 0 }
    }

    private struct Refusal: Error {
        let reason: BatchError.Reason
        init(_ reason: BatchError.Reason) { self.reason = reason }
    }

    private static func decodeColumn(
        _ bytes: Bytes, index: Int, rowCount: Int
    ) throws(Refusal) -> BatchColumn {
        let start = headerByteCount + index * columnEntryByteCount
        let code = bytes[start + 6]
        guard
            let type = ColumnType(
                code: code, precision: bytes[start + 7], scale: bytes[start + 8])
        else { throw Refusal(.unknownType(code)) }
        let entry = Entry(
            flags: bytes[start + 9], nullCount: Int(bytes.integer(at: start + 12, as: UInt32.self)),
            validityOffset: bytes.integer(at: start + 16),
            valuesOffset: bytes.integer(at: start + 24), dataOffset: bytes.integer(at: start + 32),
            valuesByteCount: Int(bytes.integer(at: start + 40, as: UInt32.self)),
            dataByteCount: Int(bytes.integer(at: start + 44, as: UInt32.self)),
            dictionaryCount: Int(bytes.integer(at: start + 48, as: UInt32.self)))
        let reserved = [10, 52, 56].map { bytes.integer(at: start + $0, as: UInt16.self) }
        guard entry.flags & ~3 == 0, reserved.allSatisfy({ $0 == 0 }),
            entry.hasDictionary ? type == .string : entry.dictionaryCount == 0,
            entry.hasValidity || entry.nullCount == 0
        else { throw Refusal(.badColumnEntry) }
        let name = try decodeName(bytes, entryOffset: start)
        let validity = try decodeValidity(bytes, entry, rowCount: rowCount)
        let valueCount = type == .string && !entry.hasDictionary ? rowCount + 1 : rowCount
        guard entry.valuesByteCount == valueCount * type.batchValueByteCount else {
            throw Refusal(.badColumnEntry)
        }
        let values = try buffer(bytes, entry.valuesOffset, entry.valuesByteCount)
        let data =
            type == .string
            ? try buffer(bytes, entry.dataOffset, entry.dataByteCount) : values[0..<0]
        let dictionary = entry.hasDictionary ? try decodeDictionary(data, entry) : nil
        let column = BatchColumn(
            name: name, type: type, rowCount: rowCount, nullCount: entry.nullCount,
            validity: validity, values: values.pointer, data: data.pointer,
            dictionary: dictionary, bytes: bytes)
        try check(column, dataByteCount: data.count)
        return column
    }

    private static func buffer(
        _ bytes: Bytes, _ offset: UInt64, _ byteCount: Int
    ) throws(Refusal) -> Bytes {
        guard offset % 8 == 0 else { throw Refusal(.misalignedBuffer) }
        guard offset <= UInt64(bytes.count), byteCount <= bytes.count - Int(offset) else {
            throw Refusal(.bufferOutOfBounds)
        }
        return bytes[Int(offset)..<Int(offset) + byteCount]
    }

    private static func decodeName(
        _ bytes: Bytes, entryOffset: Int
    ) throws(Refusal) -> String {
        let offset = UInt64(bytes.integer(at: entryOffset, as: UInt32.self))
        let byteCount = Int(bytes.integer(at: entryOffset + 4, as: UInt16.self))
        let slice = try buffer(bytes, offset, byteCount)
        // A result's column may have any name, an expression's text for one.
        guard byteCount >= 1,
            let name = slice.withUnsafeBytes({ String(validating: $0, as: UTF8.self) })
        else { throw Refusal(.badName) }
        return name
    }

    private static func decodeValidity(
        _ bytes: Bytes, _ entry: Entry, rowCount: Int
    ) throws(Refusal) -> UnsafePointer<UInt64>? {
        guard entry.hasValidity else { return nil }
        let wordCount = (rowCount + 63) / 64
        let words = try buffer(bytes, entry.validityOffset, wordCount * 8)
        var validCount = 0
        for word in 0..<wordCount {
            let bits: UInt64 = words.integer(at: word * 8)
            let usedBits = min(64, rowCount - word * 64)
            if usedBits < 64, bits >> UInt64(usedBits) != 0 { throw Refusal(.badColumnEntry) }
            validCount += bits.nonzeroBitCount
        }
        guard rowCount - validCount == entry.nullCount else { throw Refusal(.nullCountMismatch) }
        return entry.nullCount == 0 ? nil : words.pointer.assumingMemoryBound(to: UInt64.self)
    }

    private static func decodeDictionary(
        _ data: Bytes, _ entry: Entry
    ) throws(Refusal) -> StringDictionary {
        let offsetsByteCount = (entry.dictionaryCount + 1) * 4
        guard data.count >= offsetsByteCount else { throw Refusal(.bufferOutOfBounds) }
        let offsets = data.pointer.assumingMemoryBound(to: UInt32.self)
        let textByteCount = data.count - offsetsByteCount
        try checkStrings(
            offsets, count: entry.dictionaryCount, in: data[offsetsByteCount..<data.count],
            byteCount: textByteCount)
        return StringDictionary(
            count: entry.dictionaryCount, offsets: offsets, bytes: data.pointer + offsetsByteCount,
            isSorted: false, owner: DictionaryOwner(data))
    }

    /// Keeps a batch's bytes alive for its dictionary.
    private final class DictionaryOwner {
        let data: Bytes
        init(_ data: Bytes) { self.data = data }
    }

    /// Offsets rise from 0 to the end, each string is short enough and valid UTF-8.
    private static func checkStrings(
        _ offsets: UnsafePointer<UInt32>, count: Int, in text: Bytes, byteCount: Int
    ) throws(Refusal) {
        guard offsets[0] == 0, Int(offsets[count]) == byteCount else {
            throw Refusal(.offsetsNotRising)
        }
        for index in 0..<count {
            guard offsets[index] <= offsets[index + 1] else { throw Refusal(.offsetsNotRising) }
            let length = offsets[index + 1] - offsets[index]
            guard Int(length) <= Limits.stringByteCountLimit else { throw Refusal(.stringTooLong) }
        }
        // The whole text being valid, a string is valid when no boundary splits a character.
        guard text.withUnsafeBytes({ UTF8Check.isValid($0) }) else { throw Refusal(.notUTF8) }
        for index in 0..<count where Int(offsets[index]) < byteCount {
            guard text[Int(offsets[index])] & 0xC0 != 0x80 else { throw Refusal(.notUTF8) }
        }
    }

    private static func check(
        _ column: BatchColumn, dataByteCount: Int
    ) throws(Refusal) {
        switch column.type {
        case .string:
            let numbers = column.values.assumingMemoryBound(to: UInt32.self)
            guard let dictionary = column.dictionary else {
                let text = Bytes(base: column.data, count: dataByteCount, owner: nil)
                return try checkStrings(
                    numbers, count: column.rowCount, in: text, byteCount: dataByteCount)
            }
            guard dictionary.count > 0 || column.rowCount == column.nullCount else {
                throw Refusal(.codeOutOfRange)
            }
            for row in 0..<column.rowCount where numbers[row] >= UInt32(max(1, dictionary.count)) {
                throw Refusal(.codeOutOfRange)
            }
        case .bool, .date, .timestamp, .decimal:
            guard let range = column.type.integerRange, column.type.isIntegerBacked else {
                return try checkWide(column)
            }
            let low = Int64(range.lowerBound), high = Int64(range.upperBound)
            for row in 0..<column.rowCount where !column.isNull(row) {
                let value = column.integer(row)
                guard value >= low, value <= high else { throw Refusal(.valueOutOfRange) }
            }
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64:
            return
        }
    }

    private static func checkWide(_ column: BatchColumn) throws(Refusal) {
        guard let range = column.type.integerRange else { return }
        for row in 0..<column.rowCount where !column.isNull(row) {
            guard range.contains(column.wide(row)) else { throw Refusal(.valueOutOfRange) }
        }
    }
}
