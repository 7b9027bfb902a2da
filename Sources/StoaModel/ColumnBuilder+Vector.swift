internal import StoaBase

/// Whole vectors at a time, for results.
extension ColumnBuilder {
    /// Appends `count` rows of a vector of this column's type; a null row's value becomes zero.
    ///
    /// - Parameter rows: Positions in the vector.
    package mutating func append(
        _ vector: Vector, rows: UnsafePointer<UInt16>, count: Int
    ) {
        invariant(dictionary == nil, "vectors go into plain columns")
        guard count > 0 else { return }
        let validity = vector.validity
        switch vector.content {
        case .integers(let source): appendIntegers(source, validity, rows, count)
        case .wide(let numbers):
            invariant(type.batchValueByteCount == 16, "only wide decimals take 128 bits")
            appendNumbers(rows, count, validity) { numbers[$0] }
        case .float32(let numbers): appendFloats(rows, count, validity) { Double(numbers[$0]) }
        case .float64(let numbers): appendFloats(rows, count, validity) { numbers[$0] }
        case .strings(let offsets, let bytes):
            appendStrings(rows, count, validity) { row in
                UnsafeRawBufferPointer(
                    start: bytes + Int(offsets[row]),
                    count: Int(offsets[row + 1] - offsets[row]))
            }
        case .numbered(let numbers, let template):
            let text = NumberedText()
            let written = text.write(numbers, template, rowCount: vector.rowCount)
            appendStrings(rows, count, validity) { row in
                UnsafeRawBufferPointer(
                    start: written.bytes + row * template.byteCount, count: template.byteCount)
            }
            withExtendedLifetime(text) {}
        case .codes(let source, let dictionary):
            guard dictionary.count > 0 else {
                for _ in 0..<count { appendNull() }
                return
            }
            appendStrings(rows, count, validity) { row in
                dictionary[Int(truncatingIfNeeded: source.value(row))]
            }
        }
        appendValidity(validity, rows, count)
    }

    private mutating func appendIntegers(
        _ source: Vector.Integers, _ validity: UnsafePointer<UInt64>?,
        _ rows: UnsafePointer<UInt16>, _ count: Int
    ) {
        switch type.batchValueByteCount {
        case 1:
            appendNumbers(rows, count, validity) {
                UInt8(truncatingIfNeeded: source.value($0))
            }
        case 2:
            appendNumbers(rows, count, validity) {
                UInt16(truncatingIfNeeded: source.value($0))
            }
        case 4:
            appendNumbers(rows, count, validity) {
                UInt32(truncatingIfNeeded: source.value($0))
            }
        case 8: appendNumbers(rows, count, validity) { source.value($0) }
        default: appendNumbers(rows, count, validity) { Int128(source.value($0)) }
        }
    }

    private mutating func appendFloats(
        _ rows: UnsafePointer<UInt16>, _ count: Int, _ validity: UnsafePointer<UInt64>?,
        _ number: (Int) -> Double
    ) {
        if type == .float32 {
            appendNumbers(rows, count, validity) { Float(number($0)).bitPattern }
        } else {
            appendNumbers(rows, count, validity) { number($0).bitPattern }
        }
    }

    @inline(__always)
    private mutating func appendNumbers<T: FixedWidthInteger & BitwiseCopyable>(
        _ rows: UnsafePointer<UInt16>, _ count: Int, _ validity: UnsafePointer<UInt64>?,
        _ number: (Int) -> T
    ) {
        let width = MemoryLayout<T>.size
        let start = values.count
        values.append(contentsOf: repeatElement(0, count: count * width))
        values.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let target = base + start
            for index in 0..<count {
                let row = Int(rows[index])
                let isNull = validity.map { $0[row &>> 6] &>> UInt64(row & 63) & 1 == 0 } ?? false
                target.storeBytes(
                    of: isNull ? 0 : number(row).littleEndian, toByteOffset: index &* width,
                    as: T.self)
            }
        }
    }

    private mutating func appendStrings(
        _ rows: UnsafePointer<UInt16>, _ count: Int, _ validity: UnsafePointer<UInt64>?,
        _ text: (Int) -> UnsafeRawBufferPointer
    ) {
        let start = values.count
        values.append(contentsOf: repeatElement(0, count: count * 4))
        for index in 0..<count {
            let row = Int(rows[index])
            let isNull = validity.map { $0[row &>> 6] &>> UInt64(row & 63) & 1 == 0 } ?? false
            if !isNull { data.append(contentsOf: text(row)) }
            let end = UInt32(data.count).littleEndian
            values.withUnsafeMutableBytes {
                $0.storeBytes(of: end, toByteOffset: start &+ index &* 4, as: UInt32.self)
            }
        }
    }

    private mutating func appendValidity(
        _ validity: UnsafePointer<UInt64>?, _ rows: UnsafePointer<UInt16>, _ count: Int
    ) {
        let wordCount = (rowCount + count + 63) / 64
        while validityWords.count < wordCount { validityWords.append(0) }
        guard validity != nil else {
            var position = rowCount
            rowCount += count
            while position < rowCount {
                let end = min(rowCount, (position | 63) + 1)
                let bits = UInt64.max &>> UInt64(64 - (end - position))
                validityWords[position / 64] |= bits &<< UInt64(position & 63)
                position = end
            }
            return
        }
        for index in 0..<count {
            let row = Int(rows[index])
            let isNull = validity.map { $0[row &>> 6] &>> UInt64(row & 63) & 1 == 0 } ?? false
            if isNull {
                nullCount += 1
            } else {
                let position = rowCount &+ index
                validityWords[position &>> 6] |= 1 &<< UInt64(position & 63)
            }
        }
        rowCount += count
    }
}
