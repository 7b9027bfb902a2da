internal import StoaBase
internal import StoaModel

extension ColumnBuffer {
    /// Appends the rows of a block. Rows whose text is no value of the type are noted in the
    /// source's faults and count as appended until the block is rolled back.
    func append(_ source: CellSource) {
        switch type {
        case .bool:
            numbers(source, UInt8.self) {
                BoolText.bool($0, $1, isLenient: true).map { $0 ? 1 : 0 }
            }
        case .int8: integers(source, Int8.self)
        case .int16: integers(source, Int16.self)
        case .int32: integers(source, Int32.self)
        case .int64: numbers(source, Int64.self) { NumberText.integer($0, $1) }
        case .uint8: integers(source, UInt8.self)
        case .uint16: integers(source, UInt16.self)
        case .uint32: integers(source, UInt32.self)
        case .uint64: numbers(source, UInt64.self) { NumberText.unsigned($0, $1) }
        case .float32: numbers(source, Float.self) { FloatText.float($0, $1) }
        case .float64: numbers(source, Double.self) { FloatText.double($0, $1) }
        case .decimal(let precision, let scale): decimals(source, Int(precision), Int(scale))
        case .date: dates(source)
        case .timestamp: timestamps(source)
        case .string: strings(source)
        }
    }

    private func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ source: CellSource, _ type: T.Type
    ) {
        numbers(source, T.self) { text, count in
            NumberText.integer(text, count).flatMap { T(exactly: $0) }
        }
    }

    private func decimals(_ source: CellSource, _ precision: Int, _ scale: Int) {
        invariant(precision <= 18, "a stored decimal fits 64 bits")
        let limit = NumberText.powerOfTen(precision) - 1
        numbers(source, Int64.self) {
            NumberText.decimal($0, $1, scale: scale, precisionLimit: limit)
        }
    }

    private func dates(_ source: CellSource) {
        var moments = MomentText()
        numbers(source, Int32.self) { moments.date($0, $1) }
    }

    private func timestamps(_ source: CellSource) {
        var moments = MomentText()
        numbers(source, Int64.self) { moments.timestamp($0, $1) }
    }

    /// The loop of every type but strings.
    @inline(__always)
    private func numbers<T: BitwiseCopyable>(
        _ source: CellSource, _ type: T.Type, _ parse: (UnsafeRawPointer, Int) -> T?
    ) {
        let blockRowCount = source.index.rowCount
        let firstRow = beginBlock(rowCount: blockRowCount)
        let values = values.address + firstRow * MemoryLayout<T>.size
        let stride = source.index.columnCount
        var cell = source.index.cells + source.column
        let text = source.text
        let hasNullTexts = !source.nullTexts.isEmpty
        for row in 0..<blockRowCount {
            let start = text + Int(cell.pointee.start)
            let count = cell.pointee.byteCount
            if count > 0, !hasNullTexts, let value = parse(start, count) {
                values.storeBytes(of: value, toByteOffset: row &* MemoryLayout<T>.size, as: T.self)
            } else {
                for offset in 0..<MemoryLayout<T>.size {
                    values.storeBytes(
                        of: 0, toByteOffset: row &* MemoryLayout<T>.size &+ offset, as: UInt8.self)
                }
                let inner = trimmed(start, count)
                if inner.count == 0 || source.isNullText(cell.pointee) {
                    takeNull(source, row, firstRow)
                } else if let value = parse(inner.start, inner.count) {
                    values.storeBytes(
                        of: value, toByteOffset: row &* MemoryLayout<T>.size, as: T.self)
                } else {
                    source.faults.noteMismatch(
                        row, "column \"\(name)\": no valid \(self.type)")
                }
            }
            cell += stride
        }
    }

    private func takeNull(_ source: CellSource, _ row: Int, _ firstRow: Int) {
        setNull(firstRow + row)
        if !source.isNullable {
            source.faults.note(row, "column \"\(name)\": NULL where NOT NULL is wanted")
        }
    }

    private func strings(_ source: CellSource) {
        abandonTableIfUseless()
        let firstRow = beginBlock(rowCount: source.index.rowCount)
        let numbers = values.address.assumingMemoryBound(to: UInt32.self) + firstRow
        if let table {
            codes(source, table, firstRow: firstRow, into: numbers)
        } else {
            plainStrings(source, firstRow: firstRow, offsets: numbers)
        }
    }

    private func codes(
        _ source: CellSource, _ table: StringTable, firstRow: Int,
        into codes: UnsafeMutablePointer<UInt32>
    ) {
        let stride = source.index.columnCount
        var cells = source.index.cells + source.column
        let text = source.text
        let isPlainUTF8 = source.isValidUTF8 && source.nullTexts.isEmpty
        for row in 0..<source.index.rowCount {
            let cell = cells.pointee
            cells += stride
            if isPlainUTF8, !cell.isEmpty, !cell.hasDoubledQuotes,
                cell.byteCount <= Limits.stringByteCountLimit
            {
                codes[row] = table.code(text + Int(cell.start), cell.byteCount)
            } else {
                codes[row] = 0
                if isNull(cell, source) {
                    takeNull(source, row, firstRow)
                } else if isSound(cell, source, row) {
                    withValue(of: cell, source) { codes[row] = table.code($0, $1) }
                }
            }
        }
    }

    private func plainStrings(
        _ source: CellSource, firstRow: Int, offsets: UnsafeMutablePointer<UInt32>
    ) {
        let stride = source.index.columnCount
        var cells = source.index.cells + source.column
        let target = self.text
        let text = source.text
        let isPlainUTF8 = source.isValidUTF8 && source.nullTexts.isEmpty
        for row in 0..<source.index.rowCount {
            let cell = cells.pointee
            cells += stride
            if isPlainUTF8, !cell.isEmpty, !cell.hasDoubledQuotes,
                cell.byteCount <= Limits.stringByteCountLimit
            {
                target.append(
                    UnsafeRawBufferPointer(start: text + Int(cell.start), count: cell.byteCount))
            } else if isNull(cell, source) {
                takeNull(source, row, firstRow)
            } else if isSound(cell, source, row) {
                withValue(of: cell, source) {
                    target.append(UnsafeRawBufferPointer(start: $0, count: $1))
                }
            }
            offsets[row &+ 1] = UInt32(truncatingIfNeeded: target.count)
        }
    }

    private func isNull(_ cell: Cell, _ source: CellSource) -> Bool {
        cell.isEmpty || (!source.nullTexts.isEmpty && source.isNullText(cell))
    }

    /// Whether a cell may be a value; if not, the row is noted.
    @inline(__always)
    private func isSound(_ cell: Cell, _ source: CellSource, _ row: Int) -> Bool {
        if cell.byteCount > Limits.stringByteCountLimit {
            source.faults.note(row, "column \"\(name)\": longer than 1 MiB")
            return false
        }
        if source.isValidUTF8 || UTF8Check.isValid(cell.bytes(in: source.text)) { return true }
        source.faults.note(row, "column \"\(name)\": not UTF-8")
        return false
    }

    /// The bytes of a cell, with eight more that may be read behind them.
    private func withValue(
        of cell: Cell, _ source: CellSource, _ body: (UnsafeRawPointer, Int) -> Void
    ) {
        guard cell.hasDoubledQuotes else {
            return body(source.text + Int(cell.start), cell.byteCount)
        }
        let value = cell.value(in: source.text)
        let padded = value + [UInt8](repeating: 0, count: 8)
        padded.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return }
            body(address, value.count)
        }
    }
}
