internal import StoaBase
internal import StoaModel

extension ColumnBuffer {
    /// Appends the rows of a block. Rows whose text is no value of the type are noted in the
    /// source's faults and count as appended until the block is rolled back.
    func append(_ source: CellSource) {
        let isExact = source.reading.care != .asTyped
        if source.reading.numbers != .plain, type.isNumeric { return styledNumbers(source) }
        if source.reading.dates != nil, type.isTime { return styledTimes(source) }
        switch type {
        case .bool:
            numbers(source, UInt8.self) {
                BoolText.bool($0, $1, isLenient: !isExact).map { $0 ? 1 : 0 }
            }
        case .int8: integers(source, Int8.self)
        case .int16: integers(source, Int16.self)
        case .int32: integers(source, Int32.self)
        case .int64 where isExact: numbers(source, Int64.self) { ExactText.integer($0, $1) }
        case .int64: numbers(source, Int64.self) { NumberText.integer($0, $1) }
        case .uint8: integers(source, UInt8.self)
        case .uint16: integers(source, UInt16.self)
        case .uint32: integers(source, UInt32.self)
        case .uint64 where isExact: numbers(source, UInt64.self) { ExactText.unsigned($0, $1) }
        case .uint64: numbers(source, UInt64.self) { NumberText.unsigned($0, $1) }
        case .float32: numbers(source, Float.self) { FloatText.float($0, $1) }
        case .float64 where isExact: numbers(source, Double.self) { ExactText.double($0, $1) }
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
        guard source.reading.care != .asTyped else {
            return numbers(source, Int64.self) {
                NumberText.decimal($0, $1, scale: scale, precisionLimit: limit)
            }
        }
        let allowsFewer = source.reading.care == .exactUpToScale
        numbers(source, Int64.self) {
            ExactText.decimal(
                $0, $1, scale: scale, precisionLimit: limit, allowsFewer: allowsFewer)
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

    /// Numbers that are written plainly into scratch memory first.
    private func styledNumbers(_ source: CellSource) {
        let style = source.reading.numbers
        let isExact = source.reading.care != .asTyped
        withUnsafeTemporaryAllocation(
            byteCount: NumberStyle.byteCountLimit + 16, alignment: 8
        ) { memory in
            guard let scratch = memory.baseAddress else { return }
            func plain(_ text: UnsafeRawPointer, _ count: Int) -> Int? {
                guard let count = style.plain(text, count, into: scratch) else { return nil }
                (scratch + count).initializeMemory(as: UInt8.self, repeating: 0, count: 8)
                return count
            }
            switch type {
            case .float64:
                numbers(source, Double.self) { text, count in
                    guard let plainCount = plain(text, count) else {
                        return isExact && ExactText.hasPlus(text)
                            ? nil : FloatText.special(text, count)
                    }
                    return isExact
                        ? ExactText.double(scratch, plainCount)
                        : FloatText.double(scratch, plainCount)
                }
            case .float32:
                numbers(source, Float.self) {
                    plain($0, $1).flatMap { FloatText.float(scratch, $0) }
                }
            case .uint64:
                numbers(source, UInt64.self) {
                    plain($0, $1).flatMap {
                        isExact
                            ? ExactText.unsigned(scratch, $0) : NumberText.unsigned(scratch, $0)
                    }
                }
            case .decimal(let precision, let scale):
                let limit = NumberText.powerOfTen(Int(precision)) - 1
                let allowsFewer = source.reading.care == .exactUpToScale
                numbers(source, Int64.self) {
                    plain($0, $1).flatMap {
                        isExact
                            ? ExactText.decimal(
                                scratch, $0, scale: Int(scale), precisionLimit: limit,
                                allowsFewer: allowsFewer)
                            : NumberText.decimal(
                                scratch, $0, scale: Int(scale), precisionLimit: limit)
                    }
                }
            default:
                styledIntegers(source, isExact: isExact) { plain($0, $1).map { (scratch, $0) } }
            }
        }
    }

    private func styledIntegers(
        _ source: CellSource, isExact: Bool,
        _ plain: (UnsafeRawPointer, Int) -> (UnsafeMutableRawPointer, Int)?
    ) {
        func value(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
            plain(text, count).flatMap { scratch, count in
                isExact ? ExactText.integer(scratch, count) : NumberText.integer(scratch, count)
            }
        }
        func take<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) {
            numbers(source, T.self) { value($0, $1).flatMap { T(exactly: $0) } }
        }
        switch type {
        case .int8: take(Int8.self)
        case .int16: take(Int16.self)
        case .int32: take(Int32.self)
        case .uint8: take(UInt8.self)
        case .uint16: take(UInt16.self)
        case .uint32: take(UInt32.self)
        default: take(Int64.self)
        }
    }

    /// Days and moments in a format of their own, or in the standard's.
    private func styledTimes(_ source: CellSource) {
        guard let format = source.reading.dates else { return }
        let takesStandard = source.reading.care == .asTyped
        var moments = MomentText()
        if type == .date {
            numbers(source, Int32.self) { text, count in
                if takesStandard, let days = moments.date(text, count) { return days }
                guard let found = DateText(text, count, format), found.microsecondOfDay == nil
                else { return nil }
                return found.days
            }
        } else {
            numbers(source, Int64.self) { text, count in
                (takesStandard ? moments.timestamp(text, count) : nil)
                    ?? DateText(text, count, format)?.moment
            }
        }
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
                        row, isDeclared: source.reading.care == .asTyped,
                        "column \"\(name)\": no valid \(self.type)")
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
        let value = cell.value(in: source.text, quote: source.quote)
        let padded = value + [UInt8](repeating: 0, count: 8)
        padded.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return }
            body(address, value.count)
        }
    }
}
