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
    private var arena: StringArena
    private(set) var rowCount = 0
    // Where the cells are now: plain addresses, so that comparisons cost no look into buffers.
    private var integerCells: UnsafeMutablePointer<Int64>
    private var wideCells: UnsafeMutablePointer<Int128>
    private var stringCells: UnsafeMutablePointer<StoredString>
    private var validCells: UnsafeMutablePointer<UInt8>

    private enum Kind { case integer, float, wide, string }
    private let kind: Kind

    private struct StoredString: BitwiseCopyable {
        var address: UInt
        var byteCount: Int

        var bytes: UnsafeRawBufferPointer {
            // SAFETY: the address was taken from the column's arena, which keeps the bytes.
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
        }
    }

    init(type: ColumnType, budget: MemoryBudget) {
        self.type = type
        self.budget = budget
        integers = GrowingBuffer(budget: budget)
        wide = GrowingBuffer(budget: budget)
        strings = GrowingBuffer(budget: budget)
        isValid = GrowingBuffer(budget: budget)
        arena = StringArena(budget: budget)
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

    private func reserve(_ count: Int) throws(MemoryLimitReached) {
        try isValid.reserve(count, used: rowCount)
        switch kind {
        case .integer, .float: try integers.reserve(count, used: rowCount)
        case .wide: try wide.reserve(count, used: rowCount)
        case .string: try strings.reserve(count, used: rowCount)
        }
        integerCells = integers.base
        wideCells = wide.base
        stringCells = strings.base
        validCells = isValid.base
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

    func isNull(_ row: Int) -> Bool { validCells[row] == 0 }

    /// The order of two rows that are not null.
    func order(_ left: Int, _ right: Int) -> Int {
        switch kind {
        case .integer:
            let flip: Int64 = type.isUnsigned64 ? .min : 0
            let (first, second) = (integerCells[left] ^ flip, integerCells[right] ^ flip)
            return first < second ? -1 : first == second ? 0 : 1
        case .float:
            let first = OrderKey.key(float(left))
            let second = OrderKey.key(float(right))
            return first < second ? -1 : first == second ? 0 : 1
        case .wide:
            let (first, second) = (wideCells[left], wideCells[right])
            return first < second ? -1 : first == second ? 0 : 1
        case .string: return StringOrder.order(stringCells[left].bytes, stringCells[right].bytes)
        }
    }

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
}
