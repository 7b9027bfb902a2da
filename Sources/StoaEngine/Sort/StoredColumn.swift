internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// One column of rows that are kept for sorting: random access, order, and back to vectors.
final class StoredColumn {
    let type: ColumnType
    private let budget: MemoryBudget
    private var integers: GrowingBuffer<Int64>
    private var wide: GrowingBuffer<Int128>
    private var strings: GrowingBuffer<StoredString>
    private var isValid: GrowingBuffer<UInt8>
    private let arena: StringArena
    /// The strings of rows that were read back, all together.
    private var text: GrowingBuffer<UInt8>
    private(set) var rowCount = 0
    // Where the cells are now: plain addresses, so that comparisons cost no look into buffers.
    private var integerCells: UnsafeMutablePointer<Int64>
    private var wideCells: UnsafeMutablePointer<Int128>
    private var stringCells: UnsafeMutablePointer<StoredString>
    private var validCells: UnsafeMutablePointer<UInt8>

    private enum Kind { case integer, float, wide, string }
    private let kind: Kind

    init(type: ColumnType, budget: MemoryBudget) {
        self.type = type
        self.budget = budget
        integers = GrowingBuffer(budget: budget)
        wide = GrowingBuffer(budget: budget)
        strings = GrowingBuffer(budget: budget)
        isValid = GrowingBuffer(budget: budget)
        arena = StringArena(budget: budget)
        text = GrowingBuffer(budget: budget)
        integerCells = integers.base
        wideCells = wide.base
        stringCells = strings.base
        validCells = isValid.base
        if type == .string {
            kind = .string
        } else if type.isFloat {
            kind = .float
        } else {
            kind = type.isIntegerBacked ? .integer : .wide
        }
    }

    /// Appends rows of a vector; `loader` is the column's own.
    func append(
        _ vector: Vector, rows: UnsafePointer<UInt16>, count: Int, loader: NumberLoader
    ) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in try reserve(rowCount + count) }
        for index in 0..<count {
            let row = Int(rows[index])
            let valid = vector.validity.map { MaskWords.isSet($0, row) } ?? true
            validCells[rowCount + index] = valid ? 1 : 0
        }
        switch kind {
        case .integer:
            guard case .integers(let source) = vector.content else { break }
            let values = try loader.integers(source, rowCount: vector.rowCount)
            for index in 0..<count { integerCells[rowCount + index] = values[Int(rows[index])] }
        case .float:
            // The bits, not the order key: results keep -0.0.
            let values = try loader.floats(vector, type: type)
            for index in 0..<count {
                integerCells[rowCount + index] =
                    Int64(bitPattern: values[Int(rows[index])].bitPattern)
            }
        case .wide:
            let values = try loader.wide(vector, isUnsigned: type.isUnsigned64)
            for index in 0..<count { wideCells[rowCount + index] = values[Int(rows[index])] }
        case .string: try appendStrings(try loader.strings(vector), rows, count)
        }
        rowCount += count
    }

    private func appendStrings(
        _ values: StringRows, _ rows: UnsafePointer<UInt16>, _ count: Int
    ) throws(ServiceError) {
        for index in 0..<count {
            var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            if validCells[rowCount + index] != 0 { bytes = values[Int(rows[index])] }
            try withinBudget { () throws(MemoryLimitReached) in
                stringCells[rowCount + index] = try kept(bytes)
            }
        }
    }

    private func kept(
        _ bytes: UnsafeRawBufferPointer
    ) throws(MemoryLimitReached) -> StoredString {
        let copy = try arena.copy(bytes)
        // SAFETY: only the address is kept; `StoredString.bytes` makes the pointer again.
        return StoredString(address: UInt(bitPattern: copy.baseAddress), byteCount: copy.count)
    }

    /// Makes room for `count` rows in all, without the bytes of strings.
    func reserve(_ count: Int) throws(MemoryLimitReached) {
        // Cells may have moved before the memory was short: the rows so far stay good.
        defer {
            integerCells = integers.base
            wideCells = wide.base
            stringCells = strings.base
            validCells = isValid.base
        }
        try isValid.reserve(count, used: rowCount)
        switch kind {
        case .integer, .float: try integers.reserve(count, used: rowCount)
        case .wide: try wide.reserve(count, used: rowCount)
        case .string: try strings.reserve(count, used: rowCount)
        }
    }

    /// Appends rows of another column of the same type.
    func append(_ other: StoredColumn, rows: ArraySlice<UInt32>) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            try reserve(rowCount + rows.count)
            for row in rows {
                let source = Int(row)
                validCells[rowCount] = other.validCells[source]
                switch kind {
                case .integer, .float: integerCells[rowCount] = other.integerCells[source]
                case .wide: wideCells[rowCount] = other.wideCells[source]
                case .string: stringCells[rowCount] = try kept(other.stringCells[source].bytes)
                }
                rowCount += 1
            }
        }
    }

    /// Appends one row of another column of the same type, for which room was reserved.
    @inline(__always)
    func append(_ other: StoredColumn, row: Int) throws(MemoryLimitReached) {
        validCells[rowCount] = other.validCells[row]
        switch kind {
        case .integer, .float: integerCells[rowCount] = other.integerCells[row]
        case .wide: wideCells[rowCount] = other.wideCells[row]
        case .string: stringCells[rowCount] = try kept(other.stringCells[row].bytes)
        }
        rowCount &+= 1
    }

    /// Forgets all rows from `count` on; the bytes of their strings stay.
    func truncate(to count: Int) { rowCount = min(rowCount, count) }

    /// Forgets all rows; the memory stays.
    func clear() {
        rowCount = 0
        arena.clear()
    }

    /// Bytes of memory.
    var byteCount: Int {
        integers.capacity * 8 + wide.capacity * 16 + isValid.capacity + text.capacity
            + strings.capacity * MemoryLayout<StoredString>.stride + arena.reservedByteCount
    }

    /// The cells as a key of an order.
    func keyCells(_ key: SortOrder.Key) -> KeyCells {
        let cells: UnsafeRawPointer
        let kind: KeyCells.Kind
        switch self.kind {
        case .integer:
            (kind, cells) = (type.isUnsigned64 ? .unsigned : .integer, .init(integerCells))
        case .float: (kind, cells) = (.float, .init(integerCells))
        case .wide: (kind, cells) = (.wide, .init(wideCells))
        case .string: (kind, cells) = (.string, .init(stringCells))
        }
        return KeyCells(
            kind: kind, isDescending: key.isDescending, isNullsFirst: key.isNullsFirst,
            valid: validCells, cells: cells)
    }

    func isNull(_ row: Int) -> Bool { validCells[row] == 0 }

    private func float(_ row: Int) -> Double {
        Double(bitPattern: UInt64(bitPattern: integerCells[row]))
    }

    /// 64 bits that order rows that are not null, as far as they go.
    func prefix(_ row: Int) -> UInt64 {
        switch kind {
        case .integer:
            return UInt64(bitPattern: integerCells[row]) ^ (type.isUnsigned64 ? 0 : 1 << 63)
        case .float: return UInt64(bitPattern: OrderKey.key(float(row))) ^ 1 << 63
        case .wide: return UInt64(bitPattern: Int64(clamping: wideCells[row])) ^ 1 << 63
        case .string: return StringOrder.prefixKey(stringCells[row].bytes)
        }
    }

    /// Rows as a vector.
    func vector(
        _ rows: ArraySlice<UInt32>, into buffers: ResultBuffers
    ) throws(ServiceError) -> Vector {
        let first = rows.startIndex
        let position = { (index: Int) in Int(rows[first + index]) }
        switch kind {
        case .integer:
            return try buffers.integers(count: rows.count) { index in
                self.isNull(position(index)) ? nil : self.integerCells[position(index)]
            }.vector
        case .float:
            return try buffers.floats(count: rows.count) { index in
                self.isNull(position(index)) ? nil : self.float(position(index))
            }.vector
        case .wide:
            return try buffers.wide(count: rows.count) { index throws(ServiceError) in
                self.isNull(position(index)) ? nil : self.wideCells[position(index)]
            }.vector
        case .string:
            return try buffers.strings(count: rows.count) { index in
                self.isNull(position(index)) ? nil : self.stringCells[position(index)].bytes
            }.vector
        }
    }

    // MARK: Pages

    /// Bytes of a cell in a page, without a string's own.
    var cellByteCount: Int {
        switch kind {
        case .integer, .float: 9
        case .wide: 17
        case .string: 5
        }
    }

    /// Bytes of a row's string.
    @inline(__always)
    func stringByteCount(_ row: Int) -> Int {
        kind == .string ? stringCells[row].byteCount : 0
    }

    /// Writes rows: a byte each that is 1 where there is a value, then the numbers, or the
    /// strings' lengths, u32, and their bytes. Returns the end.
    func write(
        _ rows: ArraySlice<UInt32>, to start: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        var end = start
        for row in rows {
            end.storeBytes(of: validCells[Int(row)], as: UInt8.self)
            end += 1
        }
        switch kind {
        case .integer, .float:
            for row in rows {
                end.storeBytes(of: integerCells[Int(row)], as: Int64.self)
                end += 8
            }
        case .wide:
            for row in rows {
                end.storeBytes(of: wideCells[Int(row)], as: Int128.self)
                end += 16
            }
        case .string:
            for row in rows {
                let byteCount = stringCells[Int(row)].byteCount
                end.storeBytes(of: UInt32(truncatingIfNeeded: byteCount), as: UInt32.self)
                end += 4
            }
            for row in rows {
                let bytes = stringCells[Int(row)].bytes
                guard let base = bytes.baseAddress, bytes.count > 0 else { continue }
                end.copyMemory(from: base, byteCount: bytes.count)
                end += bytes.count
            }
        }
        return end
    }

    /// Takes `count` rows that `write` wrote in the place of all others. Returns their end; nil
    /// when `bytes` ends before.
    func read(
        _ count: Int, from bytes: UnsafeRawBufferPointer
    ) throws(MemoryLimitReached) -> Int? {
        clear()
        guard bytes.count >= count * cellByteCount, let base = bytes.baseAddress else {
            return count == 0 ? 0 : nil
        }
        try reserve(count)
        UnsafeMutableRawPointer(validCells).copyMemory(from: base, byteCount: count)
        rowCount = count
        switch kind {
        case .integer, .float:
            UnsafeMutableRawPointer(integerCells).copyMemory(
                from: base + count, byteCount: count * 8)
        case .wide:
            UnsafeMutableRawPointer(wideCells).copyMemory(
                from: base + count, byteCount: count * 16)
        case .string:
            let rest = UnsafeRawBufferPointer(rebasing: bytes[(count * 5)...])
            guard let textByteCount = try readStrings(count, lengths: base + count, rest) else {
                return nil
            }
            return count * 5 + textByteCount
        }
        return count * cellByteCount
    }

    private func readStrings(
        _ count: Int, lengths: UnsafeRawPointer, _ bytes: UnsafeRawBufferPointer
    ) throws(MemoryLimitReached) -> Int? {
        var total = 0
        for row in 0..<count {
            total += Int(lengths.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self))
        }
        guard total <= bytes.count else { return nil }
        try text.reserve(total, used: 0)
        if let base = bytes.baseAddress, total > 0 {
            UnsafeMutableRawPointer(text.base).copyMemory(from: base, byteCount: total)
        }
        var start = UInt(bitPattern: text.base)
        for row in 0..<count {
            let byteCount = lengths.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self)
            stringCells[row] = StoredString(address: start, byteCount: Int(byteCount))
            start += UInt(byteCount)
        }
        return total
    }
}
