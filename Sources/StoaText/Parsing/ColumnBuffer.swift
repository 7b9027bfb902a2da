internal import StoaBase
internal import StoaModel

/// The values of one column of the batch that is being filled, in the batch's own layout.
final class ColumnBuffer {
    let name: String
    let type: ColumnType
    private(set) var rowCount = 0
    private(set) var nullCount = 0
    /// Numbers; for strings codes while `table` is used, else offsets.
    let values = GrowingBytes()
    private let validity = GrowingBytes()
    /// The text of plain strings.
    let text = GrowingBytes()
    /// Strings as codes, as long as that pays.
    private(set) var table: StringTable?
    private var mark = Mark()

    /// What a block began with, for `rollBack`.
    private struct Mark {
        var rowCount = 0
        var nullCount = 0
        var textByteCount = 0
    }

    init(name: String, type: ColumnType) {
        self.name = name
        self.type = type
        table = type == .string ? StringTable() : nil
    }

    /// Bytes the column takes in a batch, about.
    var byteCount: Int {
        values.count + text.count + rowCount / 8 + (table.map { $0.text.count } ?? 0)
    }

    /// Makes room for the next rows, all valid until said otherwise. Returns the first one's
    /// number.
    func beginBlock(rowCount blockRowCount: Int) -> Int {
        mark = Mark(rowCount: rowCount, nullCount: nullCount, textByteCount: text.count)
        let end = rowCount + blockRowCount
        values.reserve((end + 1) * type.batchValueByteCount)
        validity.count = (rowCount + 63) / 64 * 8
        validity.reserve((end + 63) / 64 * 8)
        let words = validity.address.assumingMemoryBound(to: UInt64.self)
        for word in rowCount / 64..<(end + 63) / 64 {
            let kept: UInt64 =
                word == rowCount / 64 && rowCount % 64 != 0
                ? (1 << UInt64(rowCount % 64)) - 1 : 0
            words[word] = (words[word] & kept) | ~kept
        }
        if isPlainText, rowCount == 0 { values.address.storeBytes(of: 0, as: UInt32.self) }
        rowCount = end
        setValueCount()
        return mark.rowCount
    }

    /// The row is null; its value is already harmless.
    func setNull(_ row: Int) {
        validity.address.assumingMemoryBound(to: UInt64.self)[row >> 6] &= ~(1 << UInt64(row & 63))
        nullCount += 1
    }

    /// Forgets the rows of the block begun last.
    func rollBack() {
        rowCount = mark.rowCount
        nullCount = mark.nullCount
        text.count = mark.textByteCount
        setValueCount()
    }

    /// Forgets all rows, keeps the memory.
    func removeAll() {
        rowCount = 0
        nullCount = 0
        text.count = 0
        table?.removeAll()
        values.count = 0
    }

    /// Whether rows are offsets into `text`.
    var isPlainText: Bool { type == .string && table == nil }

    /// Turns codes into plain strings, for good, when too many of them are distinct.
    func abandonTableIfUseless() {
        guard let table, rowCount >= 2_048 || table.count > StringTable.countLimit,
            table.count > rowCount / 2 || table.count > StringTable.countLimit
        else { return }
        let codes = [UInt32](
            UnsafeRawBufferPointer(start: values.address, count: rowCount * 4)
                .bindMemory(to: UInt32.self))
        self.table = nil
        text.count = 0
        values.reserve((rowCount + 1) * 4)
        let offsets = values.address.assumingMemoryBound(to: UInt32.self)
        offsets[0] = 0
        for (row, code) in codes.enumerated() {
            if Int(code) < table.count { text.append(table.string(Int(code))) }
            offsets[row + 1] = UInt32(text.count)
        }
        setValueCount()
    }

    private func setValueCount() {
        values.count = (isPlainText ? rowCount + 1 : rowCount) * type.batchValueByteCount
    }

    /// The column as a batch wants it; valid until the buffer changes.
    var buffers: BatchBuffers {
        let wordCount = (rowCount + 63) / 64
        if rowCount % 64 != 0 {
            validity.address.assumingMemoryBound(to: UInt64.self)[wordCount - 1] &=
                (1 << UInt64(rowCount % 64)) - 1
        }
        if isPlainText, rowCount == 0 { values.address.storeBytes(of: 0, as: UInt32.self) }
        setValueCount()
        var buffers = BatchBuffers(
            name: name, type: type, nullCount: nullCount,
            validity: UnsafeRawBufferPointer(start: validity.address, count: wordCount * 8),
            values: values.bytes)
        if let table {
            buffers.text = [table.offsets.bytes, table.text.bytes]
            buffers.dictionaryCount = table.count
        } else if type == .string {
            buffers.text = [text.bytes]
        }
        return buffers
    }
}
