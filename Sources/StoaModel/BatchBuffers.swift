internal import StoaBase

/// One column's finished buffers in the layout of `RowBatch`, for producers that fill memory of
/// their own instead of a `ColumnBuilder`.
package struct BatchBuffers {
    package var name: String
    package var type: ColumnType
    package var nullCount: Int
    /// ⌈rowCount / 64⌉ words; used only when there are nulls.
    package var validity: UnsafeRawBufferPointer
    /// Numbers, offsets or codes.
    package var values: UnsafeRawBufferPointer
    /// Strings: the text; with a dictionary its offsets, then its text.
    package var text: [UnsafeRawBufferPointer]
    /// Strings of the dictionary that `values` are codes of; nil without one.
    package var dictionaryCount: Int?

    package init(
        name: String, type: ColumnType, nullCount: Int, validity: UnsafeRawBufferPointer,
        values: UnsafeRawBufferPointer
    ) {
        self.name = name
        self.type = type
        self.nullCount = nullCount
        self.validity = validity
        self.values = values
        text = []
    }

    /// Bytes of the column in a batch, gaps included.
    fileprivate var encodedByteCount: Int {
        let buffers = [
            name.utf8.count, nullCount > 0 ? validity.count : 0, values.count,
            text.reduce(0) { $0 + $1.count },
        ]
        return buffers.reduce(0) { $0 + ($1 + 7) & ~7 }
    }
}

extension RowBatch {
    /// The bytes of a batch of these columns: each buffer is copied once, into memory of exactly
    /// the right size.
    package static func assemble(_ columns: [BatchBuffers], rowCount: Int) -> [UInt8] {
        invariant((0...Limits.batchRowsLimit).contains(rowCount), "a batch's rows fit its format")
        let entriesEnd = headerByteCount + columns.count * columnEntryByteCount
        let byteCount = columns.reduce(entriesEnd) { $0 + $1.encodedByteCount }
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            initializedCount = byteCount
            guard let output = UnsafeMutableRawBufferPointer(buffer).baseAddress else { return }
            output.initializeMemory(as: UInt8.self, repeating: 0, count: entriesEnd)
            output.storeLittle(magic, at: 0)
            output.storeLittle(version, at: 4)
            output.storeLittle(UInt32(rowCount), at: 8)
            output.storeLittle(UInt32(columns.count), at: 12)
            output.storeLittle(UInt64(byteCount), at: 16)
            var end = entriesEnd
            for (index, column) in columns.enumerated() {
                let entry = output + headerByteCount + index * columnEntryByteCount
                end = column.write(into: output, at: end, entry: entry)
            }
            invariant(end == byteCount, "a batch's size is what its buffers take")
        }
    }
}

extension BatchBuffers {
    /// Copies the buffers to `start` and after it, and fills the entry; where they end.
    fileprivate func write(
        into output: UnsafeMutableRawPointer, at start: Int, entry: UnsafeMutableRawPointer
    ) -> Int {
        var end = start
        func place(_ parts: [UnsafeRawBufferPointer]) -> Int {
            let offset = end
            for part in parts {
                if let address = part.baseAddress, part.count > 0 {
                    (output + end).copyMemory(from: address, byteCount: part.count)
                }
                end += part.count
            }
            let aligned = (end + 7) & ~7
            (output + end).initializeMemory(as: UInt8.self, repeating: 0, count: aligned - end)
            end = aligned
            return offset
        }
        let nameOffset = Array(name.utf8).withUnsafeBytes { place([$0]) }
        let validityOffset = nullCount > 0 ? place([validity]) : 0
        let valuesOffset = place([values])
        let isText = type == .string
        let textByteCount = text.reduce(0) { $0 + $1.count }
        let textOffset = isText ? place(text) : 0
        entry.storeLittle(UInt32(nameOffset), at: 0)
        entry.storeLittle(UInt16(name.utf8.count), at: 4)
        entry.storeLittle(type.code, at: 6)
        entry.storeLittle(type.precision, at: 7)
        entry.storeLittle(type.scale, at: 8)
        let flags: UInt8 = (nullCount > 0 ? 1 : 0) | (dictionaryCount != nil ? 2 : 0)
        entry.storeLittle(flags, at: 9)
        entry.storeLittle(UInt32(nullCount), at: 12)
        entry.storeLittle(UInt64(validityOffset), at: 16)
        entry.storeLittle(UInt64(valuesOffset), at: 24)
        entry.storeLittle(UInt64(textOffset), at: 32)
        entry.storeLittle(UInt32(values.count), at: 40)
        entry.storeLittle(UInt32(textByteCount), at: 44)
        entry.storeLittle(UInt32(dictionaryCount ?? 0), at: 48)
        return end
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func storeLittle<T: FixedWidthInteger & BitwiseCopyable>(
        _ value: T, at offset: Int
    ) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
}
